import { execFileSync } from 'node:child_process'

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
  /** A script for `sed -E` that makes it short enough to be run, from `<!-- smaller: s/--steps 64/--steps 1/ -->`: the options stay, their values shrink. */
  readonly smaller?: string
  /** It starts what does not end. It is well when it has printed this, from `<!-- until: listening -->`, and is stopped then. */
  readonly until?: string
  /** A Python module without which it is left out, from `<!-- needs: peft -->`. */
  readonly needs?: string
  /** What it prints, `…` for anything: from a block of text behind it that `<!-- prints -->` announces. */
  readonly prints?: string
}

type Found = { -readonly [Key in keyof Block]: Block[Key] }

/** The fenced blocks of a page, in order, with what the comments before them say. */
export function blocksOf(markdown: string): Block[] {
  const blocks: Found[] = []
  let open: { fence: string; block: Found; lines: string[] } | undefined
  let comments: string[] = []
  const said = (word: string): string | undefined => comments.find((comment) => comment.startsWith(`${word}: `))?.slice(word.length + 2)
  for (const [i, line] of markdown.split('\n').entries()) {
    const [, indent = '', language] = /^(\s*)```(\w*)/.exec(line) ?? []
    if (open) {
      if (language === undefined) open.lines.push(line.startsWith(open.fence) ? line.slice(open.fence.length) : line)
      else {
        open.block.text = open.lines.join('\n')
        if (comments.includes('prints') && blocks.length > 0) blocks.at(-1)!.prints = open.block.text
        else blocks.push(open.block)
        open = undefined
        comments = []
      }
    } else if (language !== undefined) {
      const [notRun, first, smaller, until, needs] = ['not run', 'first', 'smaller', 'until', 'needs'].map(said)
      open = {
        fence: indent,
        lines: [],
        block: {
          line: i + 2,
          language,
          text: '',
          sketch: comments.includes('sketch'),
          config: comments.includes('config'),
          ...(notRun && { notRun }),
          ...(first && { first }),
          ...(smaller && { smaller }),
          ...(until && { until }),
          ...(needs && { needs }),
        },
      }
    } else {
      const [, comment] = /^\s*<!-- (.+) -->$/.exec(line) ?? []
      if (comment !== undefined) comments.push(comment)
      else if (line.trim() !== '') comments = []
    }
  }
  return blocks
}

/** With the values that are quickly done. A script that changes nothing has lost its block. */
export function shrunk({ smaller, text }: Pick<Block, 'smaller' | 'text'>): string {
  const small = execFileSync('sed', ['-E', smaller!], { input: text, encoding: 'utf8' })
  if (small.trim() === text.trim()) throw new Error(`"smaller: ${smaller}" changes nothing in it.`)
  return small
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
