-- Opens a file under a language server, waits for a finding, applies its first action, waits until it is gone, saves.
local buffer, source = vim.api.nvim_get_current_buf(), os.getenv("LSP_SOURCE")

local function fail(reason)
  io.stderr:write(reason .. "\n")
  vim.cmd("cquit 1")
end

local function findings()
  return vim.tbl_filter(function(found) return found.source == source end, vim.diagnostic.get(buffer))
end

-- the server is started by a file with settings, or from its command
local id
if os.getenv("LSP_SETUP") then
  dofile(os.getenv("LSP_SETUP"))
  vim.cmd("filetype on | edit")
  vim.wait(60000, function()
    if vim.lsp.get_clients then  -- 0.10 and newer
      id = (vim.lsp.get_clients({ bufnr = buffer })[1] or {}).id
    else
      id = next(vim.lsp.buf_get_clients(buffer))
    end
    return id ~= nil
  end, 20)
else
  id = vim.lsp.start_client({ name = source, cmd = vim.split(os.getenv("LSP_CMD"), " "), root_dir = vim.fn.getcwd() })
  vim.lsp.buf_attach_client(buffer, id)
end
if not vim.wait(60000, function() return #findings() > 0 end, 20) then fail("no finding") end

local first = findings()[1]
vim.cmd("split " .. vim.uri_to_fname(first.user_data.lsp.codeDescription.href))
local title = vim.api.nvim_buf_get_lines(0, 0, 1, false)[1]
vim.cmd("close")
vim.api.nvim_win_set_cursor(0, { first.lnum + 1, first.col })
local params = vim.lsp.util.make_range_params()
params.context = { diagnostics = vim.lsp.diagnostic.get_line_diagnostics(buffer, first.lnum) }
local answers = vim.lsp.buf_request_sync(buffer, "textDocument/codeAction", params, 60000)
local action = answers and answers[id] and answers[id].result and answers[id].result[1]
if not action then fail("no action: " .. vim.inspect(answers)) end
io.stdout:write(first.code .. " " .. first.col .. " " .. action.title .. " | " .. title)

if not action.edit then  -- as vim.lsp.buf.code_action does
  local resolved = vim.lsp.buf_request_sync(buffer, "codeAction/resolve", action, 60000)
  action = resolved and resolved[id] and resolved[id].result
  if not action or not action.edit then fail("no edit: " .. vim.inspect(resolved)) end
end
vim.lsp.util.apply_workspace_edit(action.edit, vim.lsp.get_client_by_id(id).offset_encoding)
if not vim.wait(60000, function() return #findings() == 0 end, 20) then fail("the finding stays") end
vim.cmd("silent write")
vim.cmd("qa!")
