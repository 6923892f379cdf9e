import assert from 'node:assert/strict'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { weftBin } from '../../e2e/weft-process.ts'
import type { Program } from './program.ts'

/** `weft mcp`, asked by the protocol's own client: it checks every answer by the tool's schema. */
const program: Program = async ({ baseURL, apiKey, model, style, classifier }) => {
  const client = new Client({ name: 'weft-test', version: '0' })
  const env = { ...(process.env as Record<string, string>), WEFT_URL: baseURL.replace(/\/v1$/, ''), WEFT_API_KEY: apiKey }
  await client.connect(new StdioClientTransport({ command: process.execPath, args: [weftBin, 'mcp'], env, stderr: 'pipe' }))
  try {
    const call = async (name: string, args: Record<string, unknown>, heard: { progress: number }[] = []): Promise<any> => {
      const answer = await client.callTool({ name, arguments: args }, { onprogress: (progress) => heard.push(progress), timeout: 120_000 })
      const [content] = answer.content
      assert(content?.type === 'text')
      if (answer.isError) throw Object.assign(new Error(content.text), { refused: true })
      assert.deepEqual(JSON.parse(content.text), answer.structuredContent)
      return answer.structuredContent
    }
    const { tools } = await client.listTools()
    assert.deepEqual(tools.map(({ name }) => name).sort(), ['ask', 'classify', 'explain', 'interfere', 'job', 'list', 'train'])
    const ask = tools.find(({ name }) => name === 'ask')!
    assert('max_tokens' in ask.inputSchema.properties!)

    const listed = await call('list', {})
    assert.deepEqual(Object.keys(listed), ['models', 'adapters', 'routes'])
    assert(listed.adapters.some(({ name }: { name: string }) => name === style) && listed.models.some(({ id }: { id: string }) => id === model))
    assert((await call('list', { kinds: ['methods'] })).methods.length > 5)
    const composed = `${model} + 0.5*${style}`
    const explained = await call('explain', { model: composed })
    assert.equal(explained.virtual_tokens.prefix, 4)
    const asked = { model: composed, max_tokens: 8, temperature: 0 }
    const { text, finish_reason, usage } = await call('ask', { ...asked, prompt: 'We the people' })
    assert.deepEqual([typeof text, finish_reason, usage.completion_tokens, usage.virtual_tokens], ['string', 'length', 8, 4])
    assert.equal(typeof (await call('ask', { ...asked, messages: [{ role: 'user', content: 'We the people' }] })).text, 'string')
    const { data } = await call('classify', { model: classifier, input: ['You have won 3 prizes!', 'Lunch at 4?'] })
    assert.deepEqual(
      data.map(({ label }: { label: string }) => label),
      ['spam', 'ham'],
    )

    const rows = Array.from({ length: 8 }, (_, i) => ({ text: `Sheep ${i} stands on the grass.` }))
    const method = { type: 'prompt-tuning', 'prompt-tuning': { num_virtual_tokens: 2 } }
    const steps: { progress: number }[] = []
    const trained = await call('train', { model, suffix: 'style/sheep', method, rows, hyperparameters: { max_steps: 2, batch_size: 4 }, wait: true }, steps)
    assert.deepEqual([trained.status, trained.fine_tuned_model], ['succeeded', 'style/sheep@1'])
    // What was not said is the method's own: its rate is not the schema's.
    const { methods } = await call('list', { kinds: ['methods'] })
    assert.equal(trained.hyperparameters.learning_rate, methods.find(({ id }: { id: string }) => id === method.type).hyperparameters.learning_rate)
    assert(steps.length > 0)
    assert.equal((await call('job', { id: trained.id })).status, 'succeeded')
    const sheep = `auto(${style}, style/sheep)`
    for (const way of [{ prompt: 'Sheep 3 stands' }, { messages: [{ role: 'user', content: 'Sheep 3 stands' }] }]) {
      const { auto } = await call('ask', { ...asked, ...way, model: sheep })
      assert.deepEqual(
        auto.operands.map(({ operand }: { operand: string }) => operand),
        [style, 'style/sheep'],
      )
    }
    const { auto } = await call('explain', { model: sheep, input: 'Sheep 3 stands on the grass.' })
    assert.equal(auto.operands.length, 2)
    const measured: { progress: number }[] = []
    const { reports } = await call('interfere', { expressions: [`${style} + style/sheep`], probes: ['The whale', 'The sheep'], tokens: 2 }, measured)
    assert.deepEqual([reports[0].adapters.length, measured.at(-1)!.progress], [2, 1])

    await assert.rejects(call('ask', { ...asked, prompt: 'We', model: 'nobody' }), { message: /^model_not_found: / })
    await assert.rejects(call('ask', { ...asked }), { message: /expected either messages or a prompt/ })
    await assert.rejects(call('train', { model, suffix: 'a', rows: [{ nothing: 1 }] }), { message: /line 1/ })
    await assert.rejects(call('classify', { model: classifier, inptu: 'a' }), { message: /inptu/ })
  } finally {
    await client.close()
  }
}
export default program
