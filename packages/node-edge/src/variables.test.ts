import { expect, test } from 'vitest'
import { deploymentVariables } from './variables.ts'

const read = (environment: NodeJS.ProcessEnv) => deploymentVariables(environment, { host: '127.0.0.1' })

test.each([
  ['RUNNER_TIMEOUT_MS', ['0', '-1', '1.5', '1e3', '2147483648', '9'.repeat(20)], ['1', '2147483647']],
  ['REQUEST_TIMEOUT_MS', ['0', '000', 'soon', '2147483648'], ['1', '600000']],
  ['MAX_FILE_BYTES', ['0', '64MB', '9'.repeat(20)], ['1']],
  ['BATCH_CONCURRENCY', ['0', 'six'], ['1']],
  ['RUNNER_START_MS', ['-1', '2147483648'], ['0', '20000']],
  ['BLANKS_AFTER_MS', ['-1', '2147483648'], ['0', '10000']],
  ['LOG_REQUESTS', ['maybe', 'OFF', 'false', '0'], ['on', 'off']],
] as const)('%s is refused where nothing could be done with it', (name, refused, taken) => {
  for (const value of refused)
    expect(() => read({ [name]: value }), value).toThrow(
      expect.objectContaining({ code: 'invalid_variable', message: expect.stringContaining(`${name} is "${value}"`) }),
    )
  for (const value of taken) expect(read({ [name]: value })).toMatchObject({ [name]: value })
  // Empty is not there.
  expect(read({ [name]: '' })).toEqual(read({}))
})

test('all of RUNNER_URL is asked: a path is kept, and what nobody would send is refused without a password being shown', () => {
  const RUNNER_URL = 'http://gateway/r1 http://gateway/r2'
  expect(read({ RUNNER_URL })).toMatchObject({ RUNNER_URL })
  for (const [url, said] of [
    ['runner:8790', 'expected a URL such as'],
    ['http://a http://user:secret@gateway/r1', '"… http://gateway/r1 …"'],
    ['http://a/?key=secret', 'this has a query'],
    ['http://a#secret', 'this has a fragment'],
  ] as const) {
    let message = ''
    try {
      read({ RUNNER_URL: url })
    } catch (error) {
      message = (error as Error).message
    }
    expect(message.toLowerCase(), url).toContain(said.toLowerCase())
    expect(message).not.toContain('secret')
  }
})
