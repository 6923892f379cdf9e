import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'

/** Short, since it is part of many a path. */
const prefix = 'weft-test-'

/**
 * One temporary folder for a run of tests and all that it starts, removed at the end of this process: by itself, by Ctrl-C or by `SIGTERM`. Tests make hundreds of
 * models and states, and need not remove each. A configuration of Vitest calls this, and no global setup does: that is taken down while workers still write,
 * and after it is set up Vitest and workerd have named their own folders.
 */
export function useOneTemporaryFolder(): void {
  // Already done: by a run that started this one, or when this process read another configuration.
  if (basename(tmpdir()).startsWith(prefix)) return
  const folder = mkdtempSync(join(tmpdir(), prefix))
  for (const name of ['TMPDIR', 'TMP', 'TEMP']) process.env[name] = folder
  // A terminal that is closed is no exit otherwise.
  process.once('SIGHUP', () => process.exit(129))
  process.once('exit', () => {
    try {
      // Again and again: what Ctrl-C ended with this process may write a last time.
      rmSync(folder, { recursive: true, force: true, maxRetries: 10 })
    } catch (error) {
      console.error(`${folder} is left: ${(error as Error).message}`)
    }
  })
}
