;;; Opens a file under eglot, waits for a finding, chooses its first action, saves, waits until it is gone.  -*- lexical-binding: t -*-

(require 'cl-lib)
(require 'eglot)
(require 'flymake)

(defvar asked nil "The actions that were offered.")

(defun wait-until (what condition)
  (with-timeout (60 (message "no %s: %S" what (flymake-diagnostics)) (kill-emacs 1))
    (while (not (funcall condition))
      (accept-process-output nil 0.05))))

(setq make-backup-files nil eglot-autoshutdown t)
(load-file (getenv "EGLOT_SETUP"))
(find-file (getenv "EGLOT_FILE"))
(call-interactively #'eglot)
(wait-until "server" #'eglot-managed-p)
(flymake-start)
(wait-until "finding" #'flymake-diagnostics)

(let ((found (car (flymake-diagnostics)))
      (last-nonmenu-event ?x))            ; chosen by the keyboard
  (princ (format "%s | " (flymake-diagnostic-text found)))
  (goto-char (flymake-diagnostic-beg found))
  (cl-letf (((symbol-function 'completing-read)
             (lambda (_prompt actions &rest _) (setq asked actions) (caar actions))))
    (call-interactively #'eglot-code-actions)))
(princ (format "%S" (mapcar #'car asked)))

(save-buffer)                             ; which also tells the server, as the first idle moment of a person would
(wait-until "end of the finding" (lambda () (null (flymake-diagnostics))))
