import type { WeftClient } from '@weft/client'
import type { $ZodType, output } from 'zod/v4/core'
import type { Connection } from '../connection.ts'

/** What a tool is given to work with. */
export interface ToolContext {
  weft: WeftClient
  connection: Connection
  signal: AbortSignal
  /** Tells the client how far the work has come, where it asked to hear of it. */
  progress(done: number, total: number, message?: string): void
}

/** A tool of the MCP server: what it takes and gives are schemas of the protocol, which the wire spells in snake_case. */
export interface McpTool<I extends $ZodType = $ZodType, O extends $ZodType = $ZodType> {
  name: string
  title: string
  description: string
  input: I
  answer: O
  /** Whether it changes nothing. */
  readOnly: boolean
  run(asked: output<I>, context: ToolContext): Promise<output<O>>
}

export const mcpTool = <I extends $ZodType, O extends $ZodType>(tool: McpTool<I, O>): McpTool => tool as unknown as McpTool
