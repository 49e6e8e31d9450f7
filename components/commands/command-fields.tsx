import type { CommandKind, CommandParams } from '../../core/wire/commands.ts';
import { SelectField } from '../ui/field.tsx';

const MIB = 1024 * 1024;
const LENGTHS: Partial<Record<CommandKind, readonly (readonly [number, string])[]>> = {
  record_capture: [
    [10, '10 seconds'],
    [30, '30 seconds'],
    [60, '1 minute'],
    [300, '5 minutes'],
  ],
  freeze: [
    [300, '5 minutes'],
    [900, '15 minutes'],
    [3_600, '1 hour'],
    [28_800, '8 hours'],
    [86_400, '24 hours'],
  ],
};
const SIZES = [4, 16, 64];

/** What can be set before a command is asked for: its length, its size. */
export function CommandFields(props: {
  readonly kind: CommandKind;
  readonly params: CommandParams;
  readonly onChange: (params: CommandParams) => void;
}) {
  const { kind, params, onChange } = props;
  const lengths = LENGTHS[kind];
  if (lengths === undefined) return null;
  return (
    <div className="cmd-fields">
      <SelectField
        label={kind === 'freeze' ? 'Thaw by itself after' : 'Record for'}
        value={params.seconds}
        onChange={(event) => onChange({ ...params, seconds: Number(event.currentTarget.value) })}
      >
        {lengths.map(([seconds, words]) => (
          <option key={seconds} value={seconds}>
            {words}
          </option>
        ))}
      </SelectField>
      {kind === 'record_capture' ? (
        <SelectField
          label="At most"
          value={params.bytesMax}
          onChange={(event) => onChange({ ...params, bytesMax: Number(event.currentTarget.value) })}
        >
          {SIZES.map((size) => (
            <option key={size} value={size * MIB}>
              {size} MiB
            </option>
          ))}
        </SelectField>
      ) : null}
    </div>
  );
}
