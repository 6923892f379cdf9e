import assert from 'node:assert/strict'
import { isAIMessage } from '@langchain/core/messages'
import { tool } from '@langchain/core/tools'
import { MemorySaver, MessagesAnnotation, StateGraph } from '@langchain/langgraph'
import { ToolNode, toolsCondition } from '@langchain/langgraph/prebuilt'
import { ChatOpenAI } from '@langchain/openai'
import * as z from 'zod'
import type { Program } from './program.ts'

const weather = tool(async ({ city }) => `Rain in ${city}.`, {
  name: 'weather',
  description: 'Of a city',
  schema: z.object({ city: z.enum(['Bern', 'Rome']) }),
})

/** LangGraph: an agent that calls a tool, reads its result and answers, with a memory of its thread, over both endpoints. */
const program: Program = async ({ baseURL, apiKey, model }) => {
  for (const useResponsesApi of [false, true]) {
    const chat = new ChatOpenAI({ apiKey, configuration: { baseURL }, maxRetries: 0, model, maxTokens: 40, useResponsesApi })
    const agent = async ({ messages }: typeof MessagesAnnotation.State) => {
      // The bundled model's template has no functions to choose from: a question is answered by a call, and a result by text.
      const asks = messages.at(-1)?.getType() === 'human'
      return { messages: [await (asks ? chat.bindTools([weather], { tool_choice: 'weather' }) : chat).invoke(messages)] }
    }
    const graph = new StateGraph(MessagesAnnotation)
      .addNode('agent', agent)
      .addNode('tools', new ToolNode([weather]))
      .addEdge('__start__', 'agent')
      .addConditionalEdges('agent', toolsCondition)
      .addEdge('tools', 'agent')
      .compile({ checkpointer: new MemorySaver() })
    const thread = { configurable: { thread_id: 'one' } }
    const ask = (content: string) => graph.invoke({ messages: [{ role: 'user', content }] }, thread)
    const { messages } = await ask('Weather in Bern?')
    assert.deepEqual(
      messages.map((message) => message.getType()),
      ['human', 'ai', 'tool', 'ai'],
    )
    assert.match(messages[2]!.text, /^Rain in (Bern|Rome)/)
    const again = await ask('And in Rome?')
    assert.equal(again.messages.length, 8)
    assert(isAIMessage(again.messages.at(-1)!))
  }
}
export default program
