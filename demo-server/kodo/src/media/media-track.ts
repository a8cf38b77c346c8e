/** A container or a stream in ffprobe's fields; unknown fields are omitted. */
export type MediaFields = Readonly<Record<string, string | number>>;

/** MediaInfo's data of a container or a stream. Fields: https://mediaarea.net/en/MediaInfo/Support/Tags */
export type Track = Readonly<Record<string, unknown>>;

/** ffprobe's short and long name of a container. */
const FORMATS: Readonly<Record<string, readonly [string, string]>> = {
  'MPEG-4': ['mov,mp4,m4a,3gp,3g2,mj2', 'QuickTime / MOV'],
  Matroska: ['matroska,webm', 'Matroska / WebM'],
  WebM: ['matroska,webm', 'Matroska / WebM'],
  AVI: ['avi', 'AVI (Audio Video Interleaved)'],
  'Flash Video': ['flv', 'FLV (Flash Video)'],
  'MPEG-TS': ['mpegts', 'MPEG-TS (MPEG-2 Transport Stream)'],
  'MPEG-PS': ['mpeg', 'MPEG-PS (MPEG-2 Program Stream)'],
  'Windows Media': ['asf', 'ASF (Advanced / Active Streaming Format)'],
  Wave: ['wav', 'WAV / WAVE (Waveform Audio)'],
  AIFF: ['aiff', 'Audio IFF'],
  FLAC: ['flac', 'raw FLAC'],
  Ogg: ['ogg', 'Ogg'],
  ADTS: ['aac', 'raw ADTS AAC (Advanced Audio Coding)'],
  'MPEG Audio': ['mp3', 'MP2/3 (MPEG audio layer 2/3)'],
};

const CODECS: Readonly<Record<string, string>> = {
  AVC: 'h264',
  HEVC: 'hevc',
  AV1: 'av1',
  VP8: 'vp8',
  VP9: 'vp9',
  'MPEG-4 Visual': 'mpeg4',
  'MPEG Video 1': 'mpeg1video',
  'MPEG Video 2': 'mpeg2video',
  JPEG: 'mjpeg',
  Theora: 'theora',
  WMV2: 'wmv2',
  'VC-1': 'vc1',
  AAC: 'aac',
  'MPEG Audio Layer 2': 'mp2',
  'MPEG Audio Layer 3': 'mp3',
  Opus: 'opus',
  Vorbis: 'vorbis',
  FLAC: 'flac',
  ALAC: 'alac',
  'AC-3': 'ac3',
  'E-AC-3': 'eac3',
  'WMA 2': 'wmav2',
};

/** ffprobe's stream types; other tracks, such as chapters, are not streams. */
const TYPES: Readonly<Record<string, string>> = { Video: 'video', Audio: 'audio', Text: 'subtitle', Other: 'data' };

export function isStream(track: Track): boolean {
  return typeOf(track) !== undefined;
}

/** @param position index among the streams, used if the file does not number them */
export function streamOf(track: Track, position: number): MediaFields {
  const order = /\d+$/.exec(textOf(track, 'StreamOrder') ?? '')?.[0];
  return known({
    bit_rate: digitsOf(track, 'BitRate'),
    channels: numberOf(track, 'Channels'),
    codec_name: codecOf(track),
    codec_type: typeOf(track),
    display_aspect_ratio: aspectRatioOf(track),
    duration: secondsOf(track, 'Duration'),
    height: numberOf(track, 'Height'),
    index: Number(order ?? position),
    nb_frames: digitsOf(track, 'Source_FrameCount') ?? digitsOf(track, 'FrameCount'),
    pix_fmt: pixelFormatOf(track),
    r_frame_rate: frameRateOf(track),
    sample_rate: digitsOf(track, 'SamplingRate'),
    width: numberOf(track, 'Width'),
  });
}

/**
 * @param streams number of streams
 * @param size file size in bytes
 */
export function formatOf(general: Track, streams: number, size: number): MediaFields {
  const [name, longName] = FORMATS[textOf(general, 'Format') ?? ''] ?? [];
  return known({
    bit_rate: digitsOf(general, 'OverallBitRate'),
    duration: secondsOf(general, 'Duration'),
    format_long_name: longName,
    format_name: name,
    nb_streams: streams,
    size: String(size),
  });
}

function typeOf(track: Track): string | undefined {
  return TYPES[textOf(track, '@type') ?? ''];
}

function codecOf(track: Track): string | undefined {
  const format = textOf(track, 'Format') ?? '';
  if (format === 'PCM') return pcmCodecOf(track);
  const named = [
    format,
    `${format} ${textOf(track, 'Format_Profile')}`,
    `${format} ${textOf(track, 'Format_Version')}`,
  ];
  return named.map((name) => CODECS[name]).find((name) => name !== undefined);
}

/** E.g. `pcm_s16le`. */
function pcmCodecOf(track: Track): string | undefined {
  const bits = numberOf(track, 'BitDepth');
  const order = { Little: 'le', Big: 'be' }[textOf(track, 'Format_Settings_Endianness') ?? ''];
  if (bits === undefined || (bits > 8 && order === undefined)) return undefined;
  const isFloat = textOf(track, 'Format_Profile') === 'Float';
  const kind = isFloat ? 'f' : textOf(track, 'Format_Settings_Sign') === 'Unsigned' ? 'u' : 's';
  return `pcm_${kind}${bits}${bits > 8 ? order : ''}`;
}

/** Display aspect ratio; known only if the pixels are square. */
function aspectRatioOf(track: Track): string | undefined {
  const [width, height] = [numberOf(track, 'Width'), numberOf(track, 'Height')];
  if (width === undefined || height === undefined || Number(textOf(track, 'PixelAspectRatio')) !== 1) return undefined;
  return reduce(width, height, ':');
}

/** E.g. `yuv420p10le`; full-range formats have other names, which vary by codec. */
function pixelFormatOf(track: Track): string | undefined {
  const sampling = /^4:(?:2:0|2:2|4:4)$/.exec(textOf(track, 'ChromaSubsampling') ?? '')?.[0];
  const bits = numberOf(track, 'BitDepth');
  const isYuv = (textOf(track, 'ColorSpace') ?? 'YUV') === 'YUV' && textOf(track, 'Format') !== 'JPEG';
  const isFull = textOf(track, 'colour_range') === 'Full';
  if (sampling === undefined || bits === undefined || !isYuv || isFull) return undefined;
  return `yuv${sampling.replaceAll(':', '')}p${bits > 8 ? `${bits}le` : ''}`;
}

/** Frames per second as a fraction; `0/0` for audio. */
function frameRateOf(track: Track): string | undefined {
  if (typeOf(track) !== 'video') return '0/0';
  if (textOf(track, 'FrameRate_Mode') === 'VFR') return undefined;
  const [dividend, divisor] = [numberOf(track, 'FrameRate_Num'), numberOf(track, 'FrameRate_Den')];
  if (dividend !== undefined && divisor !== undefined) return reduce(dividend, divisor, '/');
  const rate = Number(textOf(track, 'FrameRate'));
  return Number.isInteger(rate) ? `${rate}/1` : undefined;
}

function reduce(a: number, b: number, sign: string): string {
  let [divisor, rest] = [a, b];
  while (rest !== 0) [divisor, rest] = [rest, divisor % rest];
  return divisor === 0 ? `${a}${sign}${b}` : `${a / divisor}${sign}${b / divisor}`;
}

function secondsOf(track: Track, field: string): string | undefined {
  const text = textOf(track, field);
  return text === undefined ? undefined : Number(text).toFixed(6);
}

function numberOf(track: Track, field: string): number | undefined {
  const digits = digitsOf(track, field);
  return digits === undefined ? undefined : Number(digits);
}

function digitsOf(track: Track, field: string): string | undefined {
  return /^\d+/.exec(textOf(track, field) ?? '')?.[0];
}

/** A field's text; if MediaInfo reports it twice, as in `45 / 45`, the first value. */
function textOf(track: Track, field: string): string | undefined {
  const value = track[field];
  return typeof value === 'string' ? value.split(' / ')[0] : undefined;
}

function known(fields: Readonly<Record<string, string | number | undefined>>): MediaFields {
  return Object.fromEntries(
    Object.entries(fields).filter((field): field is [string, string | number] => field[1] !== undefined),
  );
}
