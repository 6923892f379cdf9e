import koffi from 'koffi'

// Calls run on stacks of koffi's own; 128 KiB, the default on other threads, is too little for a shader compiler.
const STACK = 8 * 1024 * 1024

// koffi takes settings until it has loaded a library, whichever: so they are set before anything can ask it for one.
if (koffi.config().sync_stack_size !== STACK) koffi.config({ ...koffi.config(), sync_stack_size: STACK, async_stack_size: STACK })

export type { LibraryHandle } from 'koffi'
export { koffi }
