;;; Opens a file under flycheck and prints what its checker for flake8 reports.  -*- lexical-binding: t -*-

(require 'flycheck)
(load-file (getenv "FLYCHECK_SETUP"))
(find-file (getenv "FLYCHECK_FILE"))
(setq-local flycheck-checker 'python-flake8)
(add-hook 'flycheck-status-changed-functions
          (lambda (status)
            (when (memq status '(finished errored suspicious no-checker))
              (unless (eq status 'finished) (message "flycheck: %s" status))
              (dolist (found flycheck-current-errors)
                (princ (format "%s:%s %s %s\n" (flycheck-error-line found) (flycheck-error-column found)
                               (flycheck-error-id found) (flycheck-error-message found))))
              (kill-emacs 0))))
(flycheck-mode 1)
(flycheck-buffer)
(with-timeout (60 (message "flycheck does not end") (kill-emacs 1))
  (while t (accept-process-output nil 0.05)))
