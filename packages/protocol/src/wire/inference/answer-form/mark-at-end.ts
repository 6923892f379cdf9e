/** Characters at the end of a text with which a mark may begin; 0 where none may. */
export function markAtEnd(text: string, mark: string): number {
  for (let length = Math.min(mark.length - 1, text.length); length > 0; length--) if (mark.startsWith(text.slice(-length))) return length
  return 0
}
