import assert from 'node:assert/strict'
import { HumanMessage, type ToolMessage } from '@langchain/core/messages'
import { tool } from '@langchain/core/tools'
import { ChatOpenAI, OpenAI, OpenAIEmbeddings } from '@langchain/openai'
import * as z from 'zod'
import type { Program } from './program.ts'

const mail = z.object({ kind: z.enum(['spam', 'ham']), urgent: z.boolean() })
const weather = tool(async ({ city }) => `Rain in ${city}.`, {
  name: 'weather',
  description: 'Of a city',
  schema: z.object({ city: z.enum(['Bern', 'Rome']) }),
})

/** LangChain: chats over both endpoints, structured output, tools, batches, lists of prompts, embeddings. */
const program: Program = async ({ baseURL, apiKey, model, encoder }) => {
  const connection = { apiKey, configuration: { baseURL }, maxRetries: 0 }
  for (const useResponsesApi of [false, true]) {
    const chat = new ChatOpenAI({ ...connection, model, maxTokens: 40, temperature: 1, useResponsesApi })
    assert.equal(typeof (await chat.invoke('We the people')).text, 'string')
    let text = ''
    for await (const chunk of await chat.stream('We the people')) text += chunk.text
    assert.notEqual(text, '')
    assert.equal((await chat.batch(['We the', 'Call me'])).length, 2)
    mail.parse(await chat.withStructuredOutput(mail, { name: 'mail', method: 'jsonSchema' }).invoke('You have won'))
    mail.parse(await chat.withStructuredOutput(mail, { name: 'mail', method: 'functionCalling' }).invoke('You have won'))

    const question = new HumanMessage('Weather in Bern?')
    const called = await chat.bindTools([weather], { tool_choice: 'weather' }).invoke([question])
    const [call] = called.tool_calls!
    const result: ToolMessage = await weather.invoke({ ...call!, type: 'tool_call' })
    assert.match(String(result.content), /^Rain in (Bern|Rome)/)
    assert.equal(typeof (await chat.invoke([question, called, result])).text, 'string')
  }

  const completions = new OpenAI({ ...connection, model, maxTokens: 4 })
  const { generations } = await completions.generate(['We the', 'Call me'])
  assert.equal(generations.length, 2)
  let streamed = ''
  for await (const piece of await completions.stream('We the')) streamed += piece
  assert.notEqual(streamed, '')

  const embeddings = new OpenAIEmbeddings({ ...connection, model: encoder })
  const vectors = await embeddings.embedDocuments(['the boat', 'a sailor'])
  assert.deepEqual([vectors.length, vectors[0]!.length], [2, (await embeddings.embedQuery('the boat')).length])
}
export default program
