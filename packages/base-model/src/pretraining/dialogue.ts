/**
 * A window told as a chat: its beginning is what the user says, what follows is the answer. One row in ten is told
 * this way, so that the chat template's tokens have a meaning: "go on".
 *
 * @param frame the template's pieces as tokens, around what the user says and around the answer
 */
export const asDialogue = (window: Uint16Array, said: number, frame: { before: number[]; between: number[]; after: number[] }): Uint16Array => {
  const room = window.length - frame.before.length - frame.between.length - frame.after.length
  return Uint16Array.from([...frame.before, ...window.subarray(0, said), ...frame.between, ...window.subarray(said, room), ...frame.after])
}
