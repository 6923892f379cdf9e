import { isWeftError, jsonFault, parse, parseExactly, parseWire, WeftError } from '@weft/adapters'
import {
  type BatchEndpoint,
  batchLineSchema,
  chatCompletionRequestSchema,
  classifyRequestSchema,
  completionRequestSchema,
  embeddingsRequestSchema,
} from '@weft/protocol'
import type { $ZodType } from 'zod/v4/core'
import { invalidRequest } from '../errors.ts'
import { withoutUnused } from '../http/request.ts'
import { batchLineInvalid, batchUrlMismatch } from './errors.ts'

const bodies: Readonly<Record<BatchEndpoint, $ZodType>> = {
  '/v1/chat/completions': chatCompletionRequestSchema,
  '/v1/completions': completionRequestSchema,
  '/v1/embeddings': embeddingsRequestSchema,
  '/v1/classify': classifyRequestSchema,
}

/** One request of a batch. */
export interface BatchLine {
  customId: string
  url: BatchEndpoint
  /** As the wire spells it. */
  body: Record<string, unknown>
}

/** Reads a line. Error 400 `invalid_json_line`; `invalid_request` for what is no request of a batch. */
export function readBatchLine(text: string): BatchLine {
  let json: unknown
  try {
    json = parseExactly(text)
  } catch (error) {
    throw batchLineInvalid((error as Error).message)
  }
  const fault = jsonFault(text, json)
  if (fault !== undefined) throw batchLineInvalid(fault)
  return parseWire(batchLineSchema, json)
}

/**
 * Whether a line belongs to its batch, and its endpoint would take its body. Errors 400 `mismatched_url`, and those of the endpoint itself, with
 * the field as it stands in the line.
 */
export function checkBatchLine({ url, body }: BatchLine, endpoint: BatchEndpoint): { model: string } {
  if (url !== endpoint) throw batchUrlMismatch(url, endpoint)
  if (body.stream === true) throw invalidRequest('a batch answers in files; leave it out', 'body.stream')
  try {
    const request = parseWire(bodies[url], withoutUnused(bodies[url], body)) as { model: string }
    // What it names is looked up later: it may be a route.
    parse(request.model)
    return request
  } catch (error) {
    throw isWeftError(error) ? inBody(error) : error
  }
}

/** An error of the endpoint's, with the field as it stands in the line. */
const inBody = ({ code, message, status, param, details }: WeftError): WeftError =>
  new WeftError(code, param !== undefined && message.startsWith(param) ? `body.${message}` : message, {
    status,
    param: param === undefined ? 'body' : `body.${param}`,
    ...(details ? { details } : {}),
  })
