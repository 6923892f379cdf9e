const POINTER = 'version https://git-lfs.github.com/spec/'

/** Whether a file begins as what Git LFS leaves in place of one that was not fetched: a few lines that name it. */
export const isGitLfsPointer = (start: Uint8Array): boolean => new TextDecoder('latin1').decode(start.subarray(0, POINTER.length)) === POINTER
