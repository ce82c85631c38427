import { printDouble, printFloat } from '../../../formats/mod.ts';
import { type ColumnEncoder, type ColumnType, textOf, type ValueModes } from './column-encoder.ts';
import { decimalBase64, decimalString, moneyText, unscaled } from './numeric.ts';

const asPrinted: ColumnEncoder = {
  put: (sink, source, from, end) => sink.copy(source, from, end),
  zero: '0',
  unavailable: null,
  growth: 1,
};

/** Encoders of numbers; undefined for other types. */
export function numberColumn(type: ColumnType, modes: ValueModes): ColumnEncoder | undefined {
  switch (type.name) {
    case 'int2':
    case 'int4':
    case 'int8':
    case 'oid':
      return asPrinted;
    case 'float4':
      return floating(value => printFloat(Math.fround(value)));
    case 'float8':
      return floating(printDouble);
    case 'numeric':
      return decimalColumn(scaleOf(type), modes, text => text);
    case 'money':
      return decimalColumn(2, modes, moneyText);
    default:
      return undefined;
  }
}

/** Scale of numeric(p,s), undefined for plain numeric. The modifier is ((p << 16) | s) + 4; s has 11 bits. */
function scaleOf(type: ColumnType): number | undefined {
  if (type.modifier < 4) return undefined;
  const scale = (type.modifier - 4) & 0x7ff;
  return scale > 1000 ? scale - 2048 : scale;
}

function floating(print: (value: number) => string): ColumnEncoder {
  return {
    put(sink, source, from, end) {
      const value = Number(textOf(source, from, end));
      sink.ascii(Number.isFinite(value) ? print(value) : `"${print(value)}"`);
    },
    zero: '0.0',
    unavailable: null,
    growth: 4,
  };
}

function decimalColumn(
  scale: number | undefined,
  modes: ValueModes,
  plain: (text: string) => string,
): ColumnEncoder {
  const zeroText = scale === undefined || scale <= 0 ? '0' : `0.${'0'.repeat(scale)}`;
  if (modes.decimals === 'double') return floating2(plain);
  if (modes.decimals === 'string') {
    return {
      put(sink, source, from, end) {
        sink.byte(0x22);
        const first = source[from]!;
        // Digits, minus and point need no translation; `NaN`, `Infinity` and `$` do.
        const isPlain =
          first < 0x3a && first !== 0x24 && source[from + 1] !== 0x24 && source[from + 1] !== 0x49;
        if (isPlain) sink.copy(source, from, end);
        else sink.ascii(decimalString(plain(textOf(source, from, end))));
        sink.byte(0x22);
      },
      zero: `"${zeroText}"`,
      unavailable: null,
      growth: 4,
    };
  }
  return preciseColumn(scale, plain);
}

function floating2(plain: (text: string) => string): ColumnEncoder {
  return {
    put(sink, source, from, end) {
      const value = Number(plain(textOf(source, from, end)));
      sink.ascii(Number.isFinite(value) ? printDouble(value) : `"${printDouble(value)}"`);
    },
    zero: '0.0',
    unavailable: null,
    growth: 4,
  };
}

/** Connect's Decimal: base64 of the unscaled bytes; without a scale in the type, that and the scale. */
function preciseColumn(scale: number | undefined, plain: (text: string) => string): ColumnEncoder {
  return {
    put(sink, source, from, end) {
      const text = plain(textOf(source, from, end));
      const base64 = decimalBase64(text);
      if (base64 === undefined) sink.ascii('null');
      else if (scale !== undefined) sink.ascii(`"${base64}"`);
      else sink.ascii(`{"scale":${unscaled(text)!.scale},"value":"${base64}"}`);
    },
    zero: scale === undefined ? '{"scale":0,"value":"AA=="}' : '"AA=="',
    unavailable: null,
    growth: 32,
  };
}
