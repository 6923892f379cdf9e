import { execFile, spawnSync } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const python = 'python3'
const missing = spawnSync(python, ['--version']).status === 0 ? '' : ` (skipped: there is no ${python})`

test.skipIf(missing)(`PEFT's trainer asks again where the edge breaks off in the middle of an answer, or answers what is no HTTP${missing}`, async () => {
  let asked = 0
  const edge = createServer((_, response) => {
    asked++
    if (asked === 1) response.writeHead(200, { 'content-length': 100 }).write('ha', () => response.destroy())
    else if (asked === 2) response.socket!.end('what?\r\n\r\n')
    else response.end('all rows')
  })
  await new Promise<void>((resolve) => edge.listen(0, '127.0.0.1', resolve))
  try {
    const program = `from weft_peft.edge import Edge; print(Edge("http://127.0.0.1:${(edge.address() as AddressInfo).port}", "job", "token").rows("training"))`
    const { stdout } = await promisify(execFile)(python, ['-c', program], { cwd: import.meta.dirname, env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' } })
    expect(stdout).toBe('all rows\n')
    expect(asked).toBe(3)
  } finally {
    edge.close()
  }
})
