import type { ModelSession } from '@weft/session'
import type { Compared } from './compare.ts'
import type { edgeOverVllm } from './edge.ts'

const messages = [
  { role: 'system', content: 'You are a sailor.' },
  { role: 'user', content: 'What do you see?' },
]
const maxTokens = 8
const compositions = ['base', 'base + lora/one', 'base + soft/one', 'base + soft/one + note/sea']

/** Chats and streams: vLLM renders the template, and gives what the engine gives for the rendered text. */
export async function compareChats(edge: Awaited<ReturnType<typeof edgeOverVllm>>, session: ModelSession, { bound }: { bound: number }): Promise<Compared[]> {
  const compared: Compared[] = []
  for (const composition of compositions) {
    const of = { site: 'a chat', composition, expected: 'exact' as const }
    const ours = await session.generate(composition, session.model.chat.render(messages, { addGenerationPrompt: true }), { maxTokens, logprobs: 1 })
    const asked = { model: composition, messages, max_tokens: maxTokens, temperature: 0, logprobs: true, top_logprobs: 1 }
    const { status, choices, error } = await edge.ask('/v1/chat/completions', asked)
    if (status !== 200) {
      compared.push({ ...of, wrong: `status ${status}: ${error?.message}` })
      continue
    }
    const [{ message, logprobs }] = choices
    const difference = Math.max(...ours.logprobs!.map(({ logprob }, at) => Math.abs(logprob - logprobs.content[at].logprob)))
    const streamed = textOfStream(await edge.stream('/v1/chat/completions', asked))
    const wrong =
      message.content !== ours.text
        ? `${JSON.stringify(message.content)} instead of ${JSON.stringify(ours.text)}`
        : streamed !== ours.text
          ? `streamed, it is ${JSON.stringify(streamed)}`
          : difference > bound
            ? `the log-probabilities differ by ${difference}`
            : undefined
    compared.push({ ...of, difference, ...(wrong !== undefined && { wrong }) })
  }
  return compared
}

/** The text of a streamed chat. */
const textOfStream = (events: string): string =>
  events
    .split('\n')
    .filter((line) => line.startsWith('data: {'))
    .flatMap((line) => JSON.parse(line.slice(6)).choices ?? [])
    .map(({ delta }) => delta?.content ?? '')
    .join('')
