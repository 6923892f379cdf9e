import assert from 'node:assert/strict'
import { createWeft, type WeftOptions } from '@weft/ai-sdk'
import { embedMany, generateObject, generateText, NoSuchModelError, stepCountIs, streamObject, streamText, tool } from 'ai'
import * as z from 'zod'
import type { Program } from './program.ts'

const mail = z.object({ kind: z.enum(['spam', 'ham']), urgent: z.boolean() })
const weather = tool({ description: 'Of a city', inputSchema: z.object({ city: z.enum(['Bern', 'Rome']) }), execute: async ({ city }) => `Rain in ${city}.` })

/** Our own provider of the AI SDK: compositions by name and by provider options, objects, tools, streams, vectors. */
const program: Program = async ({ baseURL, apiKey, model, encoder, style }) => {
  const weft = createWeft({ baseUrl: baseURL, apiKey })
  const common = { maxRetries: 0, maxOutputTokens: 12, temperature: 0, prompt: 'We the people' }
  const options = (weft: WeftOptions) => ({ providerOptions: { weft: weft as never } })
  const parts = { base: model, adapters: { [style]: 0.5 }, texts: ['Briefly.'] }

  const bare = await generateText({ ...common, model: weft(model) })
  assert.deepEqual([bare.providerMetadata?.weft?.key, bare.warnings], [null, []])
  const named = await generateText({ ...common, model: weft(parts), topK: 40 })
  const { key, expression, virtualTokens, requestId } = named.providerMetadata!.weft!
  assert.match(String(expression), /^"Briefly\." \+ 0\.5\*sha256:/)
  assert(Number(virtualTokens) > 4 && typeof key === 'string' && typeof requestId === 'string')
  assert.deepEqual([named.warnings, named.usage.outputTokens], [[], 12])
  const chosen = await generateText({ ...common, model: weft(model), ...options({ composition: parts, repetitionPenalty: 1, minP: 0 }) })
  assert.deepEqual([chosen.text, chosen.providerMetadata!.weft!.key], [named.text, key])
  const stream = streamText({ ...common, model: weft(), ...options({ composition: parts }) })
  let text = ''
  for await (const piece of stream.textStream) text += piece
  const metadata = (await stream.providerMetadata)!.weft!
  assert.deepEqual([text, metadata.key, metadata.virtualTokens], [named.text, key, virtualTokens])

  const free = { ...common, model: weft([model, style].join(' + ')), maxOutputTokens: 60, temperature: 1 }
  mail.parse((await generateObject({ ...free, schema: mail, prompt: 'You have won' })).object)
  assert(['yes', 'no'].includes((await generateObject({ ...free, output: 'enum', enum: ['yes', 'no'] })).object))
  assert.match((await generateText({ ...free, ...options({ structuredOutputs: { regex: '[A-Z]{2}-\\d' } }) })).text, /^[A-Z]{2}-\d$/)
  const objects = streamObject({ ...free, schema: mail })
  for await (const _ of objects.partialObjectStream);
  mail.parse(await objects.object)
  const called = await generateText({
    ...free,
    prompt: 'Weather in Bern?',
    tools: { weather },
    stopWhen: stepCountIs(2),
    prepareStep: ({ stepNumber }) => ({ toolChoice: stepNumber === 0 ? 'required' : 'none' }),
  })
  assert.match(String(called.steps[0]!.toolResults[0]?.output), /^Rain in/)

  assert.equal(typeof (await generateText({ ...common, model: weft.completionModel(style) })).text, 'string')
  const vectors = await embedMany({ model: weft.embeddingModel(encoder), values: ['the boat', 'a sailor'], maxRetries: 0 })
  assert.deepEqual([vectors.embeddings.length, Math.round(Math.hypot(...vectors.embeddings[0]!) * 1e4)], [2, 1e4])
  assert.throws(() => weft.imageModel('any'), NoSuchModelError)
  await assert.rejects(generateText({ ...common, model: weft('nobody') }), { statusCode: 404, message: /nobody/ })
  await assert.rejects(generateText({ ...common, model: weft(), ...options({ nonsense: 1 } as never) }), { statusCode: 400, message: /nonsense/ })
  await assert.rejects(generateText({ ...common, model: weft(), ...options({ composition: { adapters: { 'a + b': 1 } } }) }), {
    name: 'AI_InvalidArgumentError',
  })
}
export default program
