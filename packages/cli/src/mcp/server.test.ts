import { InMemoryTransport } from '@modelcontextprotocol/server'
import { expect, test } from 'vitest'
import { nowhere } from '../../test/typed.ts'
import { mcpServer } from './server.ts'

/** What a tool answers to arguments, by the protocol's own messages. */
const called = async (name: string, args: Record<string, unknown>): Promise<{ isError?: boolean; text: string }> => {
  const server = mcpServer({ url: nowhere, key: 'k' }, '0')
  const [ours, theirs] = InMemoryTransport.createLinkedPair()
  const answers = new Map<unknown, (message: never) => void>()
  theirs.onmessage = (message) => answers.get((message as { id?: unknown }).id)?.(message as never)
  await server.connect(ours)
  await theirs.start()
  const ask = (id: number, method: string, params: object) =>
    new Promise<{ result?: { content: [{ text: string }]; isError?: boolean }; error?: { message: string } }>((resolve) => {
      answers.set(id, resolve as never)
      void theirs.send({ jsonrpc: '2.0', id, method, params } as never)
    })
  await ask(1, 'initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '0' } })
  await theirs.send({ jsonrpc: '2.0', method: 'notifications/initialized' } as never)
  const { result, error } = await ask(2, 'tools/call', { name, arguments: args })
  await server.close()
  return { isError: result?.isError ?? false, text: result?.content[0].text ?? `protocol: ${error?.message}` }
}

test.each([
  ['a misspelt field', 'ask', { model: 'base', promt: 'x' }, /^invalid_request: .*"promt".*did you mean "prompt"/],
  ['a value of another type', 'classify', { model: 'base', input: 3 }, /^invalid_request: input: expected/],
  ['nothing that is needed', 'explain', {}, /^invalid_request: model: it is missing; expected what is asked: "base", a route/],
  [
    'a text in place of a list',
    'interfere',
    { expressions: 'style/speech + style/whale' },
    /^invalid_request: expressions: expected a list of expressions, such as \["style/,
  ],
  [
    'a method by its name alone',
    'train',
    { suffix: 'a/b', model: 'base', method: 'lora', rows: [{ text: 'x' }] },
    /^invalid_request: method: expected an object with the method as its type: \{"type": "lora"\}/,
  ],
  [
    'a word that is none of those',
    'list',
    { kinds: ['foo'] },
    /^invalid_request: kinds\[0\]: expected "models", "adapters", "routes" or "methods", got "foo"$/,
  ],
  ['neither rows nor a file', 'train', { model: 'base', suffix: 'a/b' }, /^invalid_request: .*either rows or a file/],
  ['a name that cannot be one', 'train', { model: 'base', suffix: 'a//b', rows: [{ text: 'x' }] }, /^invalid_request: suffix: expected a name like/],
  ['an expression that is none', 'interfere', { expressions: ['a + + b'] }, /^expression_syntax: unexpected "\+"/],
  [
    'a tool that there is not',
    'clasify',
    { model: 'base' },
    /^tool_unknown: there is no tool "clasify"; did you mean "classify"\? There are list, explain, ask, classify, train, job, interfere\.$/,
  ],
  ['what nobody answers', 'explain', { model: 'base' }, /^edge_unreachable: /],
])('a tool says what was asked wrongly by our codes: %s', async (_, name, args, message) => {
  expect(await called(name, args)).toEqual({ isError: true, text: expect.stringMatching(message) })
})
