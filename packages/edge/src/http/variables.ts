import type { WeftError } from '@weft/adapters'
import type { $ZodType } from 'zod/v4/core'
import type { Principal } from '../auth/principal.ts'
import type { Caller } from '../runner/caller.ts'
import type { PrincipalStores } from '../stores/tenants/open-for-principal.ts'
import type { AskedRequest } from './asked-request.ts'

/** How long things may take, in milliseconds. */
export interface Waits {
  /** Any request. */
  longestMs: number
  /** An answer that is not streamed, before blanks are sent ahead of it. */
  blanksAfterMs: number
}

/** What middleware leaves for routes. */
/** What follows a status that was sent: a stream's events, or what blanks went ahead of. */
export interface GoingOn {
  is: 'stream' | 'behind blanks'
  /** Resolves when it has ended: with the error that it came to, which its status cannot tell. */
  ended: Promise<WeftError | undefined>
}

export interface Variables {
  Variables: {
    principal: Principal
    /** All that the principal may see and change. An endpoint has no other way to what is stored. */
    stores: PrincipalStores
    /** The client's own (`x-request-id`), or one that was made for it; every answer carries it, and so do the logs of edge and runner. */
    requestId: string
    /** What the endpoint answers. */
    answer: $ZodType
    caller: Caller
    /** Of an answer that goes on when its status has been sent. */
    goesOn?: GoingOn
    /** What the body says that policies and routes look at; set as it is read. */
    asked?: AskedRequest
    waits: Waits
    /** What a request with an idempotency key asks, as whom and with which key: the same for each time that it is sent. */
    keyed?: string
    /** The code of the error that it was refused with. */
    refusedWith?: string
  }
}
