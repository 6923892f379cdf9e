/** Gives bytes to the browser as a download; they never leave this machine. */
export const saveFile = (bytes: Uint8Array<ArrayBuffer>, filename: string): void => {
  const address = URL.createObjectURL(new Blob([bytes], { type: 'application/octet-stream' }))
  const link = document.createElement('a')
  link.href = address
  link.download = filename
  link.click()
  // The browser has taken hold of it by the next turn.
  setTimeout(() => URL.revokeObjectURL(address))
}
