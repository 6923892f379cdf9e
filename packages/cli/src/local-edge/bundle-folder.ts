import { join } from 'node:path'

/** Where the Worker's one module lies in a state folder. */
export const bundleOf = (state: string): string => join(state, 'edge', 'worker')
