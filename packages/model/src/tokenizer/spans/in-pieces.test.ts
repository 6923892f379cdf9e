import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Random } from '@weft/adapters'
import { describe, expect, test } from 'vitest'
import { createChat } from '../chat.ts'
import type { ChatMessage } from '../chat-message.ts'
import { assistantSpans } from './assistant-spans.ts'
import { betweenPrompts } from './between-prompts.ts'
import { byMark } from './by-mark.ts'
import type { AssistantSpan, RenderMessages } from './turn-places.ts'

const folder = join(import.meta.dirname, '../../../../../test/golden/chat/templates')
const files = [...readdirSync(folder), null]
const tokens = { bos_token: '<s>', eos_token: '</s>' }
/** Chats rendered by a template, none of whose marks are believed: their turns are looked for as in any other. */
const rendering = (file: string | null, tools: readonly unknown[] | null): RenderMessages => {
  const chat = createChat(file === null ? null : readFileSync(join(folder, file), 'utf8'), tokens)
  return (messages, addGenerationPrompt) => chat.render(messages, { addGenerationPrompt, tools })
}

const SAID = ['yes', '', ' no \n', '<|im_end|>\n', '[/INST] a </s>', 'assistant', '🙂', '<think>\nhm\n</think>\n\nso', '<|end|>\n<|assistant|>\n', 'yes yes']

/** What people and models say in turn, with all that templates treat specially here and there. */
const randomChat = (random: Random, length: number): ChatMessage[] => {
  const said = (): string => (random.uniform() < 0.5 ? `${random.integer(1000)}` : SAID[random.integer(SAID.length)])
  const odd = random.uniform() < 0.5 ? 0 : 0.1
  const messages: ChatMessage[] = random.uniform() < 0.4 ? [{ role: 'system', content: said() }] : []
  while (messages.length < length) {
    if (random.uniform() < odd) messages.push({ role: ['system', 'assistant', 'user', 'tool'][random.integer(4)], content: said() })
    messages.push({ role: 'user', content: said() })
    for (let calls = random.uniform() < odd ? 1 + random.integer(3) : 0; calls > 0; calls--) {
      const call = { id: `call${random.integer(9)}0000`, type: 'function', function: { name: 'f', arguments: { a: said() } } }
      messages.push({ role: 'assistant', content: '', tool_calls: [call] }, { role: 'tool', name: 'f', content: said(), tool_call_id: call.id })
    }
    messages.push({ role: 'assistant', content: said() })
  }
  if (random.uniform() < 0.3) messages.push({ role: 'user', content: said() })
  return messages
}

const attempt = (find: () => AssistantSpan[]): AssistantSpan[] | string => {
  try {
    return find()
  } catch (error) {
    return (error as { code: string }).code
  }
}

describe('turns of a long chat are where they are found in the whole of it', () => {
  test.each(files)('%s', (file) => {
    const random = new Random(`pieces of ${file}`)
    for (let n = 0; n < 6; n++) {
      const messages = randomChat(random, 33 + random.integer(30))
      const render = rendering(file, random.uniform() < 0.2 ? [{ type: 'function', function: { name: 'f' } }] : null)
      let text: string
      try {
        text = render(messages, false)
      } catch {
        continue // refused: nothing is looked for
      }
      const turns = messages.flatMap(({ role }, i) => (role === 'assistant' ? [i] : []))
      const whole = attempt(() => betweenPrompts(messages, turns, text, render) ?? turns.map((i) => byMark(messages, i, text, render)))
      expect({ n, messages, spans: attempt(() => assistantSpans(messages, { text, generations: null, marked: false }, render)) }).toEqual({
        n,
        messages,
        spans: whole,
      })
    }
  })
})

test.each([
  ["'code' in (messages | map(attribute='content') | join)", 'code'],
  ['messages | length > 30', 'q'],
])('a prompt that is another behind what a piece leaves out is seen: %s', (begins, said) => {
  const shown = '{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}'
  const chat = createChat(`${shown}{% if add_generation_prompt %}assistant: {% if ${begins} %}\`\`\`{% endif %}{% endif %}`)
  const messages = Array.from({ length: 60 }, (_, i): ChatMessage[] => [
    { role: 'user', content: i === 12 ? said : 'q' },
    { role: 'assistant', content: 'a' },
  ]).flat()
  const { text, assistantSpans: spans } = chat.renderWithSpans(messages)
  for (const { start, message, asked } of spans)
    expect({ message, asked }).toEqual({ message, asked: chat.render(messages.slice(0, message!)) === text.slice(0, start) })
  expect(spans.filter(({ asked }) => asked).length).toBeGreaterThan(10)
})

describe('what is rendered to find them grows with the chat, not with its square', () => {
  const user = (i: number): ChatMessage => ({ role: 'user', content: `question ${i}` })
  const answer = (i: number): ChatMessage => ({ role: 'assistant', content: i % 3 === 0 ? `<think>\nhm\n</think>\n\n${i}` : `answer ${i}` })
  test.each(files)('%s', (file) => {
    const render = rendering(file, null)
    /** How many messages are rendered for each message of a chat. */
    const rendered = (pairs: number): number => {
      const messages = Array.from({ length: pairs }, (_, i) => [user(i), answer(i)]).flat()
      let count = 0
      const counting: RenderMessages = (some, addGenerationPrompt) => {
        count += some.length
        return render(some, addGenerationPrompt)
      }
      expect(assistantSpans(messages, { text: render(messages, false), generations: null, marked: false }, counting)).toHaveLength(pairs)
      return count / messages.length
    }
    expect(rendered(160)).toBeLessThan(1.2 * rendered(40))
  })
})
