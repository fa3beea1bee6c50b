// Numbers, units and elements. Everything that comes from the data is set as text, never as markup.
'use strict';

const data = JSON.parse(document.getElementById('data').textContent);

/// [unit in the data, unit shown, value of one unit shown, from which size on], the largest first.
const scaled_units = [
    ['bytes', 'GiB', 2 ** 30],
    ['bytes', 'MiB', 2 ** 20],
    ['bytes', 'KiB', 2 ** 10],
    ['pJ', 'mJ', 1e9],
    ['pJ', 'uJ', 1e6],
    ['pJ', 'nJ', 1e3],
    ['ns', 's', 1e9],
    ['ns', 'ms', 1e6],
    ['ns', 'us', 1e3],
    ['mW', 'W', 1e3],
];

/// How values of a unit up to a largest one are shown: {unit, factor}.
function scale_of(unit, largest) {
    if (unit === 'share')
        return {unit: '%', factor: 100};
    const found = scaled_units.find(each => each[0] === unit && Math.abs(largest) >= each[2]);
    return found ? {unit: found[1], factor: 1 / found[2]} : {unit: unit, factor: 1};
}

/// Of numbers as they are sorted; of none 0.
function middle_of(values) { return values.length === 0 ? 0 : [...values].sort((a, b) => a - b)[values.length >> 1]; }

const grouped = new Intl.NumberFormat('en-US', {maximumFractionDigits: 0});
const decimals =
    [0, 1, 2, 3].map(n => new Intl.NumberFormat('en-US', {minimumFractionDigits: n, maximumFractionDigits: n}));

const small = new Intl.NumberFormat('en-US', {minimumSignificantDigits: 3, maximumSignificantDigits: 3});

/// A number for people: whole ones in full, others with four digits. @param whole false: beside others that are not
/// whole
function shown_number(value, whole = true) {
    if (typeof value !== 'number' || !Number.isFinite(value))
        return '-';
    const size = Math.abs(value);
    if (size >= 1e13 || (size > 0 && size < 1e-3))
        return value.toExponential(3);
    if (Number.isInteger(value) && (whole || value === 0 || size >= 1000))
        return grouped.format(value);
    if (size < 0.1 && size > 0)
        return small.format(value);
    return decimals[size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : 3].format(value);
}

/// With its unit, scaled: 342730 pJ as "342.7 nJ".
function shown_with_unit(value, unit) {
    if (!is_number(value))
        return '-';
    const scale = scale_of(unit, value);
    return shown_number(value * scale.factor) + (scale.unit ? ' ' + scale.unit : '');
}

/// "energy, uJ", but "cycles" alone.
function with_unit(words, unit) {
    return unit === '' || words.toLowerCase().split(/[ :,]+/).includes(unit) ? words : words + ', ' + unit;
}

function shown_percent(share) { return decimals[1].format(100 * share) + ' %'; }

/// "49.5 % less", "2.3 % more" or "the same".
function shown_change(before, after) {
    if (!is_number(before) || !is_number(after) || before === 0)
        return '-';
    const change = after / before - 1;
    return change === 0 ? 'the same' : shown_percent(Math.abs(change)) + (change < 0 ? ' less' : ' more');
}

function is_number(value) { return typeof value === 'number' && Number.isFinite(value); }

function sum(values) { return values.reduce((total, value) => total + (is_number(value) ? value : 0), 0); }

/// The value at a path like ['totals', 'energy_pj', 'total'], undefined where there is none.
function at(object, ...path) {
    return path.reduce((place, key) => place !== null && typeof place === 'object' ? place[key] : undefined, object);
}

/// The numbers of an object such as stall_cycles, [[key, value], ...].
function numbers_of(object) { return Object.entries(object || {}).filter(entry => is_number(entry[1])); }

/// "waiting_a" as "waiting A".
function words_of(key) {
    return key.replace(/_/g, ' ')
        .replace(/\b([abc])\b/g, letter => letter.toUpperCase())
        .replace(/\b(dram|sram|lif|plif|tppe|hbm)\b/g, word => word.toUpperCase());
}

/// Units of figures that are no counters, by the beginning of their names.
const other_units = {
    'simulated_ns': 'ns',
    'published_cycles': 'cycles',
    'stored.spikes.bytes': 'bytes',
    'stored.spikes.dense_bytes': 'bytes',
    'stored.spikes.efficiency': 'share',
    'stored.weights.bytes': 'bytes',
    'stored.weights.dense_bytes': 'bytes',
    'stored.weights.efficiency': 'share',
    'published_traffic.sram_bytes': 'bytes',
    'published_traffic.dram_bytes': 'bytes',
    'published_traffic.sram_bits': 'bits',
    'published_traffic.dram_bits': 'bits',
    'tile_utilisation': 'share',
    'sram_bytes': 'bytes',
    'dram_bytes': 'bytes',
    'cache_hit_share': 'share',
    'spike_sparsity': 'share',
    'silent_ratio': 'share',
    'weight_sparsity': 'share',
    'accuracy.': 'images',
    'energy_pj.': 'pJ',
    'power_mw.': 'mW',
    'area_mm2.': 'mm2',
};

/// Better words than a figure's name.
const words_for = {
    'energy_pj.total': 'energy',
    'published_energy.total': 'energy by the published rule',
    'area_mm2.total': 'area',
    'power_mw.on_chip': 'power on chip',
    'simulated_ns': 'simulated time',
    'accuracy.correct': 'right images',
    'tile_utilisation': 'busy share of the tiles',
    'sram_bytes': 'SRAM traffic',
    'dram_bytes': 'DRAM traffic',
};

/// Name and unit of a figure of the result file, as "totals.stall_cycles.laggy" or "layers.conv2.cycles".
function figure_of(key) {
    const short = key.replace(/^totals\./, '');
    // A layer's name may have dots in it: its figure is what is known, or the last word.
    const known =
        [...Object.keys(data.names.counters), ...Object.keys(words_for)].filter(name => short.endsWith('.' + name));
    const layer = /^layers\.(.*)$/.exec(short);
    const name = layer === null ? short : known.sort((a, b) => b.length - a.length)[0] || layer[1].replace(/^.*\./, '');
    const counter = data.names.counters[name];
    const other = Object.keys(other_units).find(front => name.startsWith(front));
    return {
        label: (layer === null ? '' : layer[1].slice(0, -name.length - 1) + ': ') +
            (words_for[name] || words_of(name.replace(/\./, ': '))),
        unit: counter ? counter.unit :
            other     ? other_units[other] :
                        '',
    };
}

/// Larger is better for these; for all others smaller is.
function larger_is_better(key) {
    return /tile_utilisation|cache_hit_share|accuracy\.correct|cache_hits|row_hits/.test(key);
}

/// make('td', {class: 'text'}, 'words', child...): an element.
function make(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {}))
        if (value !== undefined && value !== null)
            element.setAttribute(name, value);
    element.append(...children.filter(child => child !== undefined && child !== null));
    return element;
}

/// Text of a CSV file: quoted where needed, numbers with all their digits.
function csv_of(rows) {
    const cell = value => {
        const text = value === undefined || value === null ? '' : String(value);
        return /[",\r\n]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
    };
    return rows.map(row => row.map(cell).join(',') + '\r\n').join('');
}

function file_name(...words) { return words.join('-').replace(/[^A-Za-z0-9._-]+/g, '_'); }
