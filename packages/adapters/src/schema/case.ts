/** A name as the wire spells it, as OpenAI's and PEFT's do: `max_tokens`. What begins with a capital is no name of ours, and begins so afterwards. */
export const snakeCase = (key: string): string => key.replace(/(?!^)[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** A name as code spells it: `maxTokens`. Underscores are looked at from their first one alone: from each of them, many would take the square of their number. */
export const camelCase = (key: string): string =>
  key.replace(/(?<!_)_+([a-z0-9])/g, (match, letter: string, at: number) => (at === 0 ? match : letter.toUpperCase()))
