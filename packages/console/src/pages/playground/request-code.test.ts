import { execFileSync } from 'node:child_process'
import { createServer } from 'node:http'
import { expect, test } from 'vitest'
import { requestCode } from './request-code.ts'
import { startSettings } from './settings.ts'

const settings = { ...startSettings, temperature: 0, prompt: 'It\'s "so",\n$HOME `x` é', maxTokens: 5, topP: 0.5, seed: 7 }

test('curl sends the body as it is, whatever stands in the prompt', async () => {
  const bodies: unknown[] = []
  const server = createServer((request, response) => {
    let text = ''
    request
      .on('data', (chunk) => (text += chunk))
      .on('end', () => {
        bodies.push({ ...JSON.parse(text), path: request.url, authorization: request.headers.authorization })
        response.end('{}')
      })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  const { port } = server.address() as { port: number }
  try {
    const { curl } = requestCode(`http://127.0.0.1:${port}`, 'base + "it\'s"', 'completion', settings)
    const child = await import('node:child_process')
    await new Promise<void>((resolve, reject) =>
      child.execFile('bash', ['-c', curl], { env: { ...process.env, WEFT_API_KEY: 'a-key' } }, (error) => (error ? reject(error) : resolve())),
    )
  } finally {
    server.close()
  }
  expect(bodies).toEqual([
    {
      model: 'base + "it\'s"',
      prompt: settings.prompt,
      max_tokens: 5,
      temperature: 0,
      top_p: 0.5,
      seed: 7,
      logprobs: 4,
      path: '/v1/completions',
      authorization: 'Bearer a-key',
    },
  ])
})

test.each(['completion', 'chat', 'classify'] as const)('Python reads what is written for a %s', (asking) => {
  const { python } = requestCode('http://127.0.0.1:1', 'base', asking, { ...settings, system: 'Be brief.' }, [{ role: 'user', content: 'Hi' }])
  execFileSync('python3', ['-c', 'import ast, sys; ast.parse(sys.stdin.read())'], { input: python })
  expect(python).toContain(asking === 'classify' ? '/classify' : 'max_tokens=5')
})

test('TypeScript spells fields as the client does', () => {
  const { typescript } = requestCode('http://127.0.0.1:1', 'base', 'chat', settings)
  expect(typescript).toContain('maxTokens: 5')
  expect(typescript).toContain('topLogprobs: 4')
  expect(typescript).toContain('"content":')
  expect(requestCode('http://127.0.0.1:1', 'mail/spam', 'classify', settings).typescript).toContain('weft.classifyAny({')
})
