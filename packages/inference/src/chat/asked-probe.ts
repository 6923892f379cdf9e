interface Turn {
  role: string
  content: string
}

/**
 * The messages of a probe as a request asks them. Probes tell calls of functions as text, and a template in which user and assistant take turns, but for calls and
 * what they gave, may object to that: there what a call gave is the user's, and what one of them says at a stretch is one turn.
 * @param prompt of some messages
 */
export const askedProbe = (messages: readonly Turn[], prompt: (messages: readonly Turn[]) => string): string => {
  try {
    return prompt(messages)
  } catch {
    return prompt(inTurns(messages))
  }
}

function inTurns(messages: readonly Turn[]): Turn[] {
  const turns: Turn[] = []
  for (const { role: given, content } of messages) {
    const role = given === 'tool' ? 'user' : given
    const last = turns.at(-1)
    if (last?.role === role) turns[turns.length - 1] = { role, content: `${last.content}\n\n${content}` }
    else turns.push({ role, content })
  }
  return turns
}
