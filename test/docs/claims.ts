/** A measured figure in a sentence, and its line. */
export interface Claim {
  line: number
  figure: string
}

/** Shares of a hundred, ratios (`1.04 ×`), shares and retentions with two decimals, and perplexities. Versions, sizes and what stands in code are no measurements. */
const figures = /\d+(?:\.\d+)? ?%|\d+(?:\.\d+)? ?×|(?<![\d.])[01]\.\d\d(?!\d|\.\d)|(?<=perplexity (?:of )?)\d+(?:\.\d+)?/g

/** What a page claims to have measured, outside of code, comments and the targets of links. Lines that quote another page of figures by a link are that page's. */
export const claimsOf = (markdown: string, quoting = /\]\([^)]*benchmarks\.md[^)]*\)/): Claim[] => {
  const blank = (text: string): string => text.replace(/[^\n]/g, ' ')
  const words = markdown.replace(/^```[^]*?^```/gm, blank).replace(/<!--[^]*?-->/g, blank)
  return words.split('\n').flatMap((line, i) => {
    if (quoting.test(line)) return []
    const said = line.replace(/`[^`]*`/g, blank).replace(/\]\([^)]*\)/g, blank)
    return (said.match(figures) ?? []).map((figure) => ({ line: i + 1, figure }))
  })
}

/** Whether a page has the figure as a whole number of its own, not as a part of another. */
export const hasFigure = (page: string, figure: string): boolean => {
  const plain = figure.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`(?<![\\d.])${plain}(?!\\d|\\.\\d)`).test(page)
}
