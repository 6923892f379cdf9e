import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { Template } from '../jinja/template.ts'
import { createChat, readChat } from './chat.ts'
import { readTokenizer } from './tokenizer.ts'

/** What Transformers renders (test/golden/chat_templates.py). */
const golden = join(import.meta.dirname, '../../../../test/golden/chat')
const read = (file: string): any => JSON.parse(readFileSync(join(golden, file), 'utf8'))
const TOKENS = { bos_token: '<s>', eos_token: '</s>', pad_token: '<pad>', unk_token: '<unk>' }

/** What is rendered, or null where it is refused with a coded error; anything else is ours to mend. */
const attempt = (render: () => string): string | null => {
  try {
    return render()
  } catch (error) {
    expect(error).toHaveProperty('code')
    return null
  }
}

describe('constructs of Jinja and values of Python', () => {
  const { context, cases } = read('constructs.json') as { context: Record<string, unknown>; cases: [string, string, string | null][] }
  test.each([...new Set(cases.map(([kind]) => kind))])('%s', (kind) => {
    for (const [, source, expected] of cases.filter(([its]) => its === kind)) {
      expect({ source, text: attempt(() => new Template(source).render(context).text) }).toEqual({ source, text: expected })
    }
  })
})

interface Rendering {
  template: string
  conversation: string
  prompt: boolean
  text: string | null
  generations?: string[]
}

describe('templates of known shapes', () => {
  const renderings = read('renderings.json') as Rendering[]
  const conversations = read('conversations.json')
  test.each([...new Set(renderings.map(({ template }) => template))])('%s', (name) => {
    const chat = createChat(readFileSync(join(golden, 'templates', name), 'utf8'), TOKENS)
    for (const { conversation, prompt, text, generations } of renderings.filter(({ template }) => template === name)) {
      const { messages, tools = null, add_generation_prompt: _, ...variables } = conversations[conversation]
      const options = { addGenerationPrompt: prompt, tools, variables }
      expect({ conversation, prompt, text: attempt(() => chat.render(messages, options)) }).toEqual({ conversation, prompt, text })
      if (!generations || prompt) continue
      const { text: whole, assistantSpans } = chat.renderWithSpans(messages, { tools, variables })
      expect(assistantSpans.map(({ start, end }) => whole.slice(start, end))).toEqual(generations)
    }
  })
})

describe('folders that name their tokens and templates somewhere', () => {
  const folder = mkdtempSync(join(tmpdir(), 'weft-chat-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const { tokenizer, folders } = read('folders.json')
  test.each<[string, any]>(folders.map((each: { name: string }) => [each.name, each]))('%s', async (name, expected) => {
    const place = join(folder, name)
    for (const [file, content] of Object.entries({ 'tokenizer.json': tokenizer, ...expected.files })) {
      mkdirSync(dirname(join(place, file)), { recursive: true })
      writeFileSync(join(place, file), typeof content === 'string' ? content : JSON.stringify(content))
    }
    expect(existsSync(join(place, 'tokenizer.json'))).toBe(true)
    const chat = await readChat(place)
    const messages = [{ role: 'user', content: 'x' }]
    if (chat.template !== null) expect(attempt(() => chat.render(messages))).toBe(expected.rendered)
    if (chat.template !== null) expect(attempt(() => chat.render(messages, { tools: [{ type: 'function' }] }))).toBe(expected.withTools)
    const read = (await readTokenizer(place))!
    expect(read.encode(expected.text, { addSpecialTokens: false })).toEqual(expected.ids)
    expect(read.decode(expected.ids)).toBe(expected.decoded)
  })
})
