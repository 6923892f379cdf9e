/** One reading of a long text: its tokens `from` to `to` (exclusive), of which those from `scored` on count. */
export interface ScoreWindow {
  from: number
  scored: number
  to: number
}

/**
 * Windows of at most `size` tokens over a text of `length`: each scores `stride` further tokens, and begins as far back as fits, so that
 * every token is scored once, behind at least `size - stride` tokens of the text, or behind all that there are (Hugging Face, "Perplexity of fixed-length models").
 */
export function scoreWindows(length: number, size: number, stride: number): ScoreWindow[] {
  const windows: ScoreWindow[] = [{ from: 0, scored: 0, to: Math.min(size, length) }]
  for (let scored = windows[0].to; scored < length; ) {
    const to = Math.min(scored + stride, length)
    windows.push({ from: to - size, scored, to })
    scored = to
  }
  return windows
}
