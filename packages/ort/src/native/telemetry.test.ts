import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { PATIENCE, runProgram } from '../../test/child.ts'

/** ONNX Runtime says nothing where it takes itself to be in CI, or where somebody has said so; here it must be for our saying so. */
const notSilencedOtherwise = { CI: '', GITHUB_ACTIONS: '', GITLAB_CI: '', ORT_RUNNING_UNIT_TESTS: '', ORT_DISABLE_TELEMETRY: '' }

test.each([
  ['a process', ''],
  ['a worker thread', '1'],
])(
  'in %s, ONNX Runtime keeps nothing to tell: no identifier and no queue of events in the home folder, no log in the temporary one',
  (_, IN_A_WORKER) => {
    const folder = mkdtempSync(join(tmpdir(), 'weft-ort-'))
    try {
      const env = { HOME: folder, XDG_CACHE_HOME: folder, TMPDIR: folder, TMP: folder, TEMP: folder, ...notSilencedOtherwise, IN_A_WORKER }
      expect(runProgram<{ inputs: number }>('programs/telemetry.ts', { env })).toEqual({ inputs: 1 })
      expect(readdirSync(folder)).toEqual([])
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
  PATIENCE,
)
