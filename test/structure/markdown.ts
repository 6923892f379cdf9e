/** One span of code in a Markdown text: between backticks on a line, or a fenced block with its language. */
export interface Code {
  readonly text: string
  readonly line: number
  /** Of a fenced block: what stands behind the fence, '' where nothing does. */
  readonly language?: string
}

export interface Link {
  readonly target: string
  readonly line: number
}

const fence = /^\s*```(\w*)/

/** The code of a text, in order. */
export function codeOf(markdown: string): Code[] {
  const found: Code[] = []
  let block: { text: string[]; line: number; language: string } | undefined
  for (const [i, line] of markdown.split('\n').entries()) {
    const [, language] = fence.exec(line) ?? []
    if (language === undefined) {
      if (block) block.text.push(line)
      else for (const [, text] of line.matchAll(/`([^`]+)`/g)) found.push({ text: text!, line: i + 1 })
    } else if (block) {
      found.push({ ...block, text: block.text.join('\n') })
      block = undefined
    } else block = { text: [], line: i + 2, language }
  }
  return found
}

const withoutCode = (markdown: string): string[] => {
  let inside = false
  return markdown.split('\n').map((line) => {
    if (fence.test(line)) inside = !inside
    return inside ? '' : line.replace(/`[^`]*`/g, '')
  })
}

/** Where a text's links lead, pictures and references included. */
export const linksOf = (markdown: string): Link[] =>
  withoutCode(markdown).flatMap((line, i) =>
    [...line.matchAll(/\]\(([^)\s]+)\)|^\[[^\]]+\]:\s*(\S+)/g)].map((match) => ({ target: (match[1] ?? match[2])!, line: i + 1 })),
  )

/** The anchors of a text's headings, as GitHub makes them. */
export const anchorsOf = (markdown: string): string[] => {
  let inside = false
  return markdown.split('\n').flatMap((line) => {
    if (fence.test(line)) inside = !inside
    const [, title] = (!inside && /^#{1,6}\s+(.+)$/.exec(line)) || []
    return title === undefined ? [] : [anchor(title)]
  })
}

const anchor = (title: string): string =>
  title
    .trim()
    .toLowerCase()
    .replace(/\]\([^)]*\)/g, '')
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-')
