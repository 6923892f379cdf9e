import { askedProbe } from '@weft/inference/chat/asked-probe'
import { chatTurns, renderTurns } from '@weft/inference/chat/chat-prompt'
import type { LoadedModel } from '@weft/model'
import type { Probe as CarriedProbe } from '@weft/protocol'
import type { Probe } from './interfere.ts'

/** Inputs of an adapter that are tried at most, evenly spaced, and characters of each that are read. */
const MOST = 32
const LONGEST = 1000

/**
 * Inputs that an adapter carries (`npx weft probes`), as they would be asked: of a prompt its end, where the question is, with the frame that all answers begin
 * with; a chat in the model's own form. Their answers are the adapter's own, since probes have none. A text is its beginning, and said to be one.
 */
export const inputsCarried = (carried: readonly CarriedProbe[], { chat }: Pick<LoadedModel, 'chat'>): Probe[] => {
  const count = Math.min(MOST, carried.length)
  return Array.from({ length: count }, (_, i) => asked(carried[Math.floor((i * carried.length) / count)]!, chat))
}

const asked = (probe: CarriedProbe, chat: LoadedModel['chat']): Probe => {
  if ('text' in probe) return { prompt: probe.text.slice(0, LONGEST), isText: true }
  if ('tokens' in probe) return { prompt: probe.tokens.join(' ').slice(0, LONGEST), isText: true }
  const whole = 'messages' in probe ? askedProbe(probe.messages, (messages) => renderTurns(chat, chatTurns(chat, messages), undefined, true)) : probe.prompt
  const question = whole.slice(-LONGEST)
  // Where its beginning is cut off, it begins as any text does.
  return { prompt: question + (probe.opening ?? ''), ...('messages' in probe && question === whole && { begun: true }) }
}
