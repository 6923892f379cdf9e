import { chatTurns } from '@weft/inference/chat/chat-prompt'
import { createChat } from '@weft/model/tokenizer/chat'
import type { NumberedRow, RowMessage } from '@weft/protocol'
import { expect, test } from 'vitest'
import { learnedChat } from '../asked-turns.ts'
import { namesUnread } from './names-unread.ts'

const printing = "{% for m in messages %}<{{ m.role }}{% if m.name and m.role == 'user' %} {{ m.name }}{% endif %}>{{ m.content }}</>{% endfor %}"
const silent = '{% for m in messages %}<{{ m.role }}>{{ m.content }}</>{% endfor %}'
const rendering = (template: string) => {
  const chat = createChat(template)
  return { renderChat: (messages: readonly RowMessage[]) => learnedChat(chat, chatTurns(chat, messages)) }
}
const row = (line: number, user: object, assistant: object = {}): NumberedRow => ({
  line,
  row: {
    kind: 'messages',
    messages: [
      { role: 'user', content: 'a', ...user },
      { role: 'assistant', content: 'b', ...assistant },
    ],
  },
})

test('a name that the template prints is read, and none is looked for where there is none', () => {
  expect(namesUnread([row(1, {}), row(2, { name: 'Ann' })], rendering(printing), 'base')).toBeUndefined()
  expect(namesUnread([row(1, {})], rendering(silent), 'base')).toBeUndefined()
  expect(namesUnread([{ line: 1, row: { kind: 'text', text: 'a' } }], {}, 'base')).toBeUndefined()
})

test('one that it does not print is told with its line and its role', () => {
  expect(namesUnread([row(1, {}), row(3, { name: 'Ann' })], rendering(silent), 'base')).toMatch(
    /^Line 3: messages\[0\] has the name "Ann", and the chat template of "base" prints no name of a message of role "user"/,
  )
  expect(namesUnread([row(2, { name: 'Ann' }, { name: 'Bot' })], rendering(printing), 'base')).toMatch(/^Line 2: messages\[1\] .*role "assistant"/)
})
