import assert from 'node:assert/strict'
import { HumanMessage, type ToolMessage } from '@langchain/core/messages'
import { ChatPromptTemplate } from '@langchain/core/prompts'
import { tool } from '@langchain/core/tools'
import { ChatWeft, WeftClassifier, WeftEmbeddings, type WeftMetadata, WeftScorer } from '@weft/langchain'
import * as z from 'zod'
import { letters } from '../../../packages/langchain/examples/letters.ts'
import type { Program } from './program.ts'

const mail = z.object({ kind: z.enum(['spam', 'ham']), urgent: z.boolean() })
const weather = tool(async ({ city }) => `Rain in ${city}.`, {
  name: 'weather',
  description: 'Of a city',
  schema: z.object({ city: z.enum(['Bern', 'Rome']) }),
})
const metadata = (message: { response_metadata: Record<string, unknown> }) => message.response_metadata.weft as WeftMetadata

/** Our own package for LangChain: compositions by call and by configuration, labels, scores, vectors, and a flow that switches prompts. */
const program: Program = async ({ baseURL, apiKey, model, encoder, style, classifier }) => {
  const connection = { baseUrl: baseURL, apiKey }
  const chat = new ChatWeft({ ...connection, composition: { base: model }, maxTokens: 12, temperature: 0, maxRetries: 0 })

  const bare = await chat.invoke('We the people')
  assert.deepEqual([metadata(bare).key, metadata(bare).expression], [null, undefined])
  const parts = { base: model, adapters: { [style]: 0.5 }, texts: ['Briefly.'] }
  const composed = await chat.invoke('We the people', { composition: parts })
  const by = metadata(composed)
  assert.match(by.expression!, /^"Briefly\." \+ 0\.5\*sha256:[0-9a-f]{64}$/)
  assert.match(by.key!, /^sha256:/)
  // Four rows of prefix, and the text's tokens.
  assert(by.virtualTokens! > 4)
  assert(by.requestId)
  assert.equal(composed.usage_metadata!.output_tokens, 12)
  // Where the edge is may stand where LangChain's own class takes it.
  const moved = new ChatWeft({ configuration: { baseURL }, apiKey, composition: parts, maxTokens: 12, temperature: 0, maxRetries: 0 })
  assert.equal((await moved.invoke('We the people')).text, composed.text)
  // Headers of any kind are sent beside the tenant's.
  for (const defaultHeaders of [new Headers({ 'x-team': 'red' }), [['x-team', 'red']], { 'x-team': 'red' }]) {
    const sent: Headers[] = []
    const watched = (input: string | URL | Request, init?: RequestInit) => {
      sent.push(new Headers(init?.headers))
      return fetch(input, init)
    }
    const ofTenant = new ChatWeft({ ...connection, tenant: 'default', maxTokens: 1, configuration: { defaultHeaders, fetch: watched } })
    await ofTenant.invoke('We')
    assert.deepEqual([sent[0]!.get('x-team'), sent[0]!.get('x-weft-tenant')], ['red', 'default'])
  }
  // Through a chain, as a graph hands it on.
  const chain = ChatPromptTemplate.fromTemplate('{text}').pipe(chat)
  const configured = await chain.invoke({ text: 'We the people' }, { configurable: { composition: parts } })
  assert.deepEqual([configured.text, metadata(configured).key], [composed.text, by.key])
  const bound = await chat.withConfig({ composition: `${model} + ${style}` }).batch(['We the', 'Call me'])
  assert.deepEqual(new Set(bound.map((answer) => metadata(answer).key)).size, 1)

  const stream = await chat.stream('We the people', { composition: parts })
  let message = (await stream.next()).value!
  for await (const chunk of stream) message = message.concat(chunk)
  assert.deepEqual([message.text, metadata(message).key, metadata(message).virtualTokens], [composed.text, by.key, by.virtualTokens])

  const free = new ChatWeft({ ...connection, composition: `${model} + ${style}`, maxTokens: 40, maxRetries: 0 })
  for (const method of ['jsonSchema', 'functionCalling'] as const)
    mail.parse(await free.withStructuredOutput(mail, { name: 'mail', method }).invoke('You have won'))
  assert(['yes', 'no'].includes((await free.invoke('Well?', { structuredOutputs: { choice: ['yes', 'no'] } })).text))
  const question = new HumanMessage('Weather in Bern?')
  const called = await free.bindTools([weather], { tool_choice: 'weather' }).invoke([question])
  const result: ToolMessage = await weather.invoke({ ...called.tool_calls![0]!, type: 'tool_call' })
  assert.match(String(result.content), /^Rain in (Bern|Rome)/)
  assert.equal(typeof (await free.invoke([question, called, result])).text, 'string')
  await assert.rejects(chat.invoke('We', { composition: 'nobody' }), { status: 404, code: 'model_not_found' })
  await assert.rejects(chat.invoke('We', { composition: { adapters: { 'a + b': 1 } } }), { code: 'invalid_adapter_name' })

  const kind = new WeftClassifier({ ...connection, composition: classifier })
  const labels = await kind.batch(['You have won 5 prizes!', new HumanMessage('Lunch at 6?')])
  assert.deepEqual(
    labels.map(({ label }) => label),
    ['spam', 'ham'],
  )
  assert.equal(await kind.edge((text: string) => text, { atLeast: 1.1, otherwise: 'ask' })('You have won'), 'ask')
  const scorer = new WeftScorer({ ...connection, composition: `${model} + ${style}` })
  const [likely, unlikely] = await scorer.batch(['The whale swims in the sea.', 'sea the in whale swims The.'])
  assert(likely!.perplexity! < unlikely!.perplexity!)
  const vectors = await new WeftEmbeddings({ ...connection, composition: encoder }).embedDocuments(['the boat', 'a sailor'])
  assert.deepEqual([vectors.length, Math.round(Math.hypot(...vectors[0]!) * 1e4)], [2, 1e4])

  const flow = letters(connection, classifier, { spam: `${model} + ${style}`, ham: { base: model, texts: ['Kindly.'] } }).compile()
  const [spam, ham] = await Promise.all(['You have won 7 prizes!', 'Lunch at 8?'].map((mail) => flow.invoke({ mail })))
  assert.match(spam!.by!, /^sha256:[0-9a-f]{64}$/)
  assert.equal(ham!.by, '"Kindly."')
}
export default program
