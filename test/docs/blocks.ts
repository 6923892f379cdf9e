/** A fenced block of a page. */
export interface Block {
  /** Of its first line, from 1. */
  readonly line: number
  readonly language: string
  readonly text: string
  /** Why it is not run, as the page's source says in a comment before it: `<!-- not run: needs a card -->`. */
  readonly notRun?: string
  /** It only sketches a form, with `…` in it, and no program reads it: `<!-- sketch -->`. */
  readonly sketch: boolean
  /** It is a configuration, or some of one's fields, which is evaluated as such: `<!-- config -->`. */
  readonly config: boolean
  /** Commands that make what the block takes for given, from `<!-- first: … -->`. Of a block for a shell they are run in its shell: it may use their variables. */
  readonly first?: string
  /** What it prints, `…` for anything: from a block of text behind it that `<!-- prints -->` announces. */
  readonly prints?: string
}

type Found = { -readonly [Key in keyof Block]: Block[Key] }

/** The fenced blocks of a page, in order, with what the comments before them say. */
export function blocksOf(markdown: string): Block[] {
  const blocks: Found[] = []
  let open: { fence: string; block: Found; lines: string[] } | undefined
  let comment = ''
  for (const [i, line] of markdown.split('\n').entries()) {
    const [, indent = '', language] = /^(\s*)```(\w*)/.exec(line) ?? []
    if (open) {
      if (language === undefined) open.lines.push(line.startsWith(open.fence) ? line.slice(open.fence.length) : line)
      else {
        open.block.text = open.lines.join('\n')
        if (comment === 'prints' && blocks.length > 0) blocks.at(-1)!.prints = open.block.text
        else blocks.push(open.block)
        open = undefined
        comment = ''
      }
    } else if (language !== undefined) {
      const [, why] = /^not run: (.+)/.exec(comment) ?? []
      const [, first] = /^first: (.+)/.exec(comment) ?? []
      open = {
        fence: indent,
        lines: [],
        block: {
          line: i + 2,
          language,
          text: '',
          sketch: comment === 'sketch',
          config: comment === 'config',
          ...(why && { notRun: why }),
          ...(first && { first }),
        },
      }
    } else comment = /^\s*<!-- (.+) -->$/.exec(line)?.[1] ?? (line.trim() === '' ? comment : '')
  }
  return blocks
}

/** Whether a text is one that a page shows, where `…` stands for anything and blanks at the ends of lines do not count. */
export function matches(shown: string, printed: string): boolean {
  const lines = (text: string): string =>
    text
      .trim()
      .split('\n')
      .map((line) => line.trimEnd())
      .join('\n')
  const escaped = lines(shown)
    .split('…')
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${escaped.join('[^]*?')}$`).test(lines(printed))
}
