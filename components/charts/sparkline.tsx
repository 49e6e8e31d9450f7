/** Trend without axis: line, 10 % area, band of the normal range, hatching where nothing was observed. */
export function Sparkline({
  series,
  band,
  gaps,
  width = 96,
  height = 28,
}: {
  readonly series: readonly number[];
  readonly band?: { readonly low: number; readonly high: number } | null;
  /** Index ranges [start, end) in fractions of the width. */
  readonly gaps?: readonly (readonly [number, number])[];
  readonly width?: number;
  readonly height?: number;
}) {
  const top = Math.max(1, band?.high ?? 0, ...series);
  const y = (value: number) => height - 2 - (Math.max(0, value) / top) * (height - 5);
  const step = series.length > 1 ? width / (series.length - 1) : width;
  const line = series
    .map((value, i) => `${i === 0 ? 'M' : 'L'}${(i * step).toFixed(1)} ${y(value).toFixed(1)}`)
    .join('');
  return (
    <svg className="spark" viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
      {band ? (
        <rect
          className="band"
          x="0"
          width={width}
          y={y(band.high)}
          height={Math.max(1, y(Math.max(0, band.low)) - y(band.high))}
        />
      ) : null}
      {(gaps ?? []).map(([start, end]) => (
        <rect
          key={`${start}-${end}`}
          x={start * width}
          width={Math.max(1, (end - start) * width)}
          y="0"
          height={height}
          fill="url(#p-gap)"
          opacity=".7"
        />
      ))}
      {series.length > 0 ? (
        <>
          <path className="area" d={`${line}L${width} ${height}L0 ${height}Z`} />
          <path className="line" d={line} vectorEffect="non-scaling-stroke" />
        </>
      ) : null}
    </svg>
  );
}
