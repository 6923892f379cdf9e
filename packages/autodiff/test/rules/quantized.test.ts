import { testOps } from '@weft/test/cases/op'
import { quantizedCases } from '@weft/test/cases/ops/quantized'

testOps('quantized', quantizedCases)
