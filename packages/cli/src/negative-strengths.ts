import type { Command } from 'commander'

/** An expression that begins with a negative strength: `-1*tone/formal`. */
const isExpression = (word: string): boolean => /^-(\d|\.\d)[^*]*\*/.test(word)

/**
 * A command line in which such expressions, and other words that begin like one, are operands and no options: a blank stands before them while options are
 * read, and is gone before the command runs.
 */
export function withNegativeStrengths(command: Command, argv: readonly string[]): string[] {
  const marked = new Set<unknown>()
  const words = argv.map((word) => {
    if (!isExpression(word)) return word
    marked.add(` ${word}`)
    return ` ${word}`
  })
  const bare = (value: unknown): unknown => (Array.isArray(value) ? value.map(bare) : marked.has(value) ? (value as string).slice(1) : value)
  command.hook('preAction', (_, asked) => {
    asked.processedArgs = asked.processedArgs.map(bare)
    for (const [name, value] of Object.entries(asked.opts())) asked.setOptionValueWithSource(name, bare(value), asked.getOptionValueSource(name))
  })
  return words
}
