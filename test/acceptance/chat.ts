/**
 * A real pretrained model through the edge, greedy, word for word.
 *
 * Usage: npx node test/acceptance/chat.ts MODEL_DIR CHAT_JSON
 * CHAT_JSON holds `{ chats: [{ user, input_ids, generated, text }] }`, as Hugging Face transformers answers in float32.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ServedWeft } from './served-weft.ts'

interface Golden {
  chats: { user: string; input_ids: number[]; generated: number[]; text: string }[]
}

const [model, file] = process.argv.slice(2)
if (!model || !file) {
  console.error('usage: npx node test/acceptance/chat.ts MODEL_DIR CHAT_JSON')
  process.exit(2)
}
const { chats } = JSON.parse(readFileSync(file, 'utf8')) as Golden
const state = mkdtempSync(join(tmpdir(), 'weft-chat-'))
let wrong = 0
try {
  await using weft = await ServedWeft.start(state, ['--model', model])
  for (const { user, text, input_ids } of chats) {
    const { choices, usage } = await weft.client.chat.create({ model: 'base', messages: [{ role: 'user', content: user }], temperature: 0, maxTokens: 32 })
    const answer = choices[0]!.message.content
    const same = answer?.trim() === text.trim() && usage?.promptTokens === input_ids.length
    if (!same) wrong++
    console.log(
      `${same ? 'same     ' : 'DIFFERENT'} ${user}\n          ${JSON.stringify(answer)}${same ? '' : `\nexpected  ${JSON.stringify(text)} after ${input_ids.length} tokens, the prompt had ${usage?.promptTokens}`}`,
    )
  }
} finally {
  rmSync(state, { recursive: true, force: true })
}
console.log(`${chats.length - wrong} of ${chats.length} answers word for word`)
process.exit(wrong ? 1 : 0)
