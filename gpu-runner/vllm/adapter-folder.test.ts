import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'

const python = 'python3'
const missing = spawnSync(python, ['--version']).status === 0 ? '' : ` (skipped: there is no ${python})`

/** The middleware as vLLM makes it, where there is no vLLM. */
const made = `
import sys, types
sys.modules["vllm"] = types.ModuleType("vllm")
sys.modules["vllm.version"] = types.ModuleType("vllm.version")
sys.modules["vllm.version"].__version__ = "0.32.0"
from weft_vllm import AdapterFolder

middleware = AdapterFolder(None)
(middleware.folder / "adapter").mkdir()
print(middleware.folder)
`

test.skipIf(missing)(`a folder for adapters that nobody named goes with the server${missing}`, () => {
  const { status, stdout, stderr } = spawnSync(python, ['-c', made], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
    env: { ...process.env, WEFT_VLLM_ADAPTERS: '', PYTHONDONTWRITEBYTECODE: '1' },
  })
  expect(status, stderr).toBe(0)
  expect(stdout).toContain('weft-vllm-')
  expect(existsSync(stdout.trim())).toBe(false)
})
