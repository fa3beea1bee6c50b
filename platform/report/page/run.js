// Where cycles, traffic and energy of a run go. The same sections show the layers of one run, or the totals of several.

/// Of a layer or of totals: the cycles of its tiles by cause, busy first; [] if the result has none.
function causes_of(layer) {
    if (!is_number(layer.busy_cycles) || numbers_of(layer.stall_cycles).length === 0)
        return [];
    return [
        ['busy_cycles', layer.busy_cycles],
        ...numbers_of(layer.stall_cycles).map(([key, value]) => ['stall_cycles.' + key, value])
    ];
}

/// Every cycle of every tile has one cause, so their sum is cycles x tiles.
function tiles_of(layer) {
    const all = sum(causes_of(layer).map(cause => cause[1]));
    return is_number(layer.cycles) && layer.cycles > 0 ? all / layer.cycles : 0;
}

/// ns that a clock cycle of the accelerator takes, undefined if the result does not say.
function cycle_ns(result) {
    const mhz = at(result, 'configuration', 'clock_mhz');
    return is_number(mhz) && mhz > 0 ? 1000 / mhz : undefined;
}

function definition_of(key) { return at(data.names.counters, key, 'definition'); }

/// Tables of parts: for each row an object's numbers, one column a name, in the order of the first row that has it.
/// @param rows [{name, total, parts: [[key, value], ...]}]
function parts_table(head, caption, axis, unit, rows, label_of) {
    const used = new Set(rows.flatMap(row => row.parts.filter(part => part[1] !== 0).map(part => part[0])));
    const keys = [...new Set(rows.flatMap(row => row.parts.map(part => part[0])))].filter(key => used.has(key));
    return {
        head: head,
        caption: caption,
        axis: axis,
        keys: keys,
        columns: keys.map(key => ({label: label_of(key), unit: unit})),
        rows: rows.map(row => {
            const found = new Map(row.parts);
            return {name: row.name, total: row.total, values: keys.map(key => found.has(key) ? found.get(key) : 0)};
        }),
    };
}

/// "idle 43 %, laggy 20 %": the largest parts of the last row, without those that are left out.
function largest_parts(table, most, without) {
    const row = table.rows[table.rows.length - 1];
    const all = sum(row.values);
    return table.columns.map((column, i) => [column.label, row.values[i], table.keys[i]])
        .filter(part => part[2] !== without && part[1] > 0)
        .sort((a, b) => b[1] - a[1])
        .slice(0, most)
        .map(part => part[0] + ' ' + shown_percent(all > 0 ? part[1] / all : 0))
        .join(', ');
}

function cause_label(key) { return key === 'busy_cycles' ? 'busy' : words_of(key.replace(/^stall_cycles\./, '')); }

/// @param rows [{name, values: a layer's or the totals' object, total}], the last one is spoken of if single
function cycles_section(head, rows, single) {
    if (!rows.some(row => causes_of(row.values).length > 0))
        return;
    const ways = {
        mean: 'Cycles, mean over the tiles',
        share: 'Share of the tiles\' cycles',
        sum: 'Tile cycles, sum over the tiles'
    };
    const units = {mean: 'cycles', share: 'share', sum: 'tile cycles'};
    add_section('cycles', 'Where the cycles go',
        'Every cycle of every tile has one cause; busy cycles added a match. Averaged over the tiles, the causes add ' +
            'up to the cycles.',
        [{id: 'way', label: 'shown as', options: Object.entries(ways)}], state => {
            const amount = (row, value) => {
                const tiles = tiles_of(row.values);
                const parts = {mean: tiles, share: tiles * row.values.cycles, sum: 1}[state.way];
                return parts > 0 ? value / parts : 0;
            };
            const parts_of = row => causes_of(row.values).map(([key, value]) => [key, amount(row, value)]);
            const table = parts_table(head, 'Cycles of the tiles by cause', ways[state.way], units[state.way],
                rows.map(row => ({name: row.name, total: row.total, parts: parts_of(row)})), cause_label);
            table.with_total = state.way === 'share';
            const busy = table.keys.indexOf('busy_cycles'), last = rows[rows.length - 1];
            const share = causes_of(last.values).length > 0 && busy >= 0 ?
                last.values.busy_cycles / (tiles_of(last.values) * last.values.cycles) :
                0;
            return Object.assign(stacked_chart(table), {
                table: table,
                conclusion: single ? 'The tiles add matches in ' + shown_percent(share) +
                        ' of their cycles; most of the others: ' + largest_parts(table, 3, 'busy_cycles') + '.' :
                                     '',
                names:
                    table.keys.map(key => [cause_label(key), definition_of(key) || '']).filter(each => each[1] !== ''),
            });
        });
}

/// What can be asked of the traffic: [id, title, unit, parts of a layer].
const traffics = [
    ['dram', 'DRAM, read and written', 'bytes', ['dram_read_bytes', 'dram_write_bytes']],
    ['dram_read', 'DRAM, read', 'bytes', ['dram_read_bytes']],
    ['dram_write', 'DRAM, written', 'bytes', ['dram_write_bytes']],
    ['requests', 'asked for by the accelerator', 'bytes', ['request_bytes']],
    ['sram', 'SRAM, read and written', 'bytes', ['sram_read_bits', 'sram_write_bits']],
    ['published_dram', 'DRAM, by the published accounting', 'bytes', ['published_traffic.dram_bits']],
    ['published_sram', 'SRAM, by the published accounting', 'bytes', ['published_traffic.sram_bits']],
];

/// [[key, bytes], ...] of a row in a group of the result, bits or bytes.
function bytes_of(row, group) {
    const per_byte = /_bits$/.test(group) ? 8 : 1;
    return numbers_of(at(row.values, ...group.split('.'))).map(([key, value]) => [key, value / per_byte]);
}

function traffic_section(head, rows, single) {
    const there =
        traffics.filter(each => rows.some(row => each[3].some(group => bytes_of(row, group).some(part => part[1] > 0))));
    if (there.length === 0)
        return;
    add_section('traffic', 'Traffic by kind',
        'A: inputs, B: weights, C: outputs; masks, pointers and values of each. The published accounting counts values, ' +
            'and what finds them as their index.',
        [{id: 'where', label: 'between', options: there.map(each => [each[0], each[1]])}], state => {
            const [, title, unit, groups] = there.find(each => each[0] === state.where);
            const label = key => {
                const kind = key.split('.').pop(), group = key.slice(0, -kind.length);
                return words_of(kind) + (groups.length > 1 ? (/_write_/.test(group) ? ' written' : ' read') : '');
            };
            const parts = row =>
                groups.flatMap(group => bytes_of(row, group).map(([kind, bytes]) => [group + '.' + kind, bytes]));
            const table = parts_table(head, 'Traffic: ' + title, 'Traffic', unit,
                rows.map(row => ({name: row.name, total: row.total, parts: parts(row)})), label);
            const all = sum(table.rows[table.rows.length - 1].values);
            return Object.assign(stacked_chart(table), {
                table: table,
                conclusion: single ? shown_with_unit(all, unit) + ' in all: ' + largest_parts(table, 3) + '.' : '',
                names: table.keys.map(key => [label(key), definition_of(key) || '']).filter(each => each[1] !== ''),
            });
        });
}

function energy_section(head, rows, single) {
    const parts_of = row => numbers_of(row.values.energy_pj).filter(part => part[0] !== 'total');
    if (!rows.some(row => parts_of(row).some(part => part[1] > 0)))
        return;
    const group = key => at(data.names.energy, key, 'group') || 'other';
    add_section('energy', 'Energy by component', null,
        [{id: 'by', label: 'by', options: [['component', 'component'], ['group', 'group']]}], state => {
            const rows_of_parts = rows.map(row => {
                const parts = parts_of(row);
                const grouped_parts = [...new Set(parts.map(part => group(part[0])))].map(
                    name => [name, sum(parts.filter(part => group(part[0]) === name).map(part => part[1]))]);
                return {name: row.name, total: row.total, parts: state.by === 'group' ? grouped_parts : parts};
            });
            const label = key => state.by === 'group' ? key : words_of(key);
            const table = parts_table(head, 'Energy by ' + state.by, 'Energy', 'pJ', rows_of_parts, label);
            const all = sum(table.rows[table.rows.length - 1].values);
            return Object.assign(stacked_chart(table), {
                table: table,
                conclusion: single ? shown_with_unit(all, 'pJ') + ' in all: ' + largest_parts(table, 3) + '.' : '',
                names: state.by === 'group' ?
                    [] :
                    table.keys.map(key => [label(key), at(data.names.energy, key, 'definition') || ''])
                        .filter(each => each[1] !== ''),
            });
        });
}

/// Cards with the figures that matter first.
function summary_tiles(result) {
    const runs = runs_of(result), each = at(result, 'accuracy', 'images') > 0 ? ' an image' : ' a run';
    const cards = [];
    const add = (title, value, note, mark) => cards.push(make('div', {}, make('dt', {}, title),
        make('dd', {class: mark}, value), note ? make('dd', {class: 'note'}, note) : null));
    const cycles = at(result, 'totals', 'cycles'), published = at(result, 'totals', 'published_cycles');
    if (is_number(cycles))
        add('Cycles', grouped.format(cycles),
            is_number(published) ? 'published accounting: ' + grouped.format(published) : '');
    if (is_number(result.simulated_ns))
        add('Simulated time', shown_with_unit(result.simulated_ns, 'ns'),
            runs > 1 ? shown_with_unit(result.simulated_ns / runs, 'ns') + each : '');
    const energy = at(result, 'totals', 'energy_pj', 'total');
    if (is_number(energy))
        add('Energy', shown_with_unit(energy, 'pJ'), runs > 1 ? shown_with_unit(energy / runs, 'pJ') + each : '');
    const dram = at(result, 'totals', 'dram_bytes'), counted = at(result, 'totals', 'published_traffic', 'dram_bytes');
    if (is_number(dram))
        add('DRAM traffic', shown_with_unit(dram, 'bytes'),
            is_number(counted) ? 'published accounting: ' + shown_with_unit(counted, 'bytes') : '');
    const images = at(result, 'accuracy', 'images'), correct = at(result, 'accuracy', 'correct');
    if (is_number(correct) && images > 0)
        add('Accuracy', decimals[2].format(100 * correct / images) + ' %',
            grouped.format(correct) + ' of ' + grouped.format(images) + ' images');
    if (typeof result.golden === 'string')
        add('Golden model', result.golden, result.golden === 'equal' ? 'every output is the same' : '',
            result.golden === 'equal' ? 'good' : result.golden === 'not checked' ? '' : 'bad');
    return make('dl', {class: 'tiles'}, ...cards);
}

function runs_of(result) {
    const runs = at(result, 'layers', 0, 'runs');
    return at(result, 'accuracy', 'images') || (is_number(runs) && runs > 0 ? runs : 1);
}

function run_words(result) {
    const tiles = tiles_of(result.totals);
    return [
        result.accelerator,
        result.fidelity ? result.fidelity + ' fidelity' : null,
        tiles > 0 ? grouped.format(tiles) + ' tiles' : null,
        at(result, 'configuration', 'clock_mhz') ? shown_number(result.configuration.clock_mhz) + ' MHz' : null,
        result.timing === 'lt' ? 'timing lt: memory without contention; cycles, traffic and energy are no bound for those of at' : null,
        at(result, 'accuracy', 'images') > 0 ? grouped.format(result.accuracy.images) + ' images' :
            runs_of(result) === 1            ? '1 run' :
                                               grouped.format(runs_of(result)) + ' runs',
    ].filter(words => words)
        .join(', ');
}

/// The sentences on top: what came out, and where most of it goes.
function run_conclusion(result) {
    const total = result.totals, energy = at(total, 'energy_pj', 'total'), correct = at(result, 'accuracy', 'correct');
    const layers = result.layers.filter(layer => is_number(layer.cycles));
    const longest = layers.reduce((best, layer) => best === null || layer.cycles > best.cycles ? layer : best, null);
    const found =
        [
            is_number(total.cycles) ? grouped.format(total.cycles) + ' cycles' : null,
            is_number(result.simulated_ns) ? shown_with_unit(result.simulated_ns, 'ns') : null,
            is_number(energy) ? shown_with_unit(energy, 'pJ') : null,
            is_number(correct) && result.accuracy.images > 0 ?
                decimals[2].format(100 * correct / result.accuracy.images) + ' % right' :
                null
        ].filter(each => each !== null)
            .join(', ');
    const golden = {
        equal: 'the output equals the golden model',
        incomplete: 'the output could not all be compared with the golden model: ' + (at(result, 'golden_unchecked', 0) || ''),
        different: 'the output differs from the golden model: ' + (at(result, 'golden_differences', 0) || '')
    }[result.golden] ||
        'the output was not checked';
    const most = longest !== null && layers.length > 1 && total.cycles > 0 ?
        ' ' + longest.name + ' takes ' + shown_percent(longest.cycles / total.cycles) + ' of the cycles.' :
        '';
    return found + '; ' + golden + '.' + most;
}

/// How far sums went, against what the accumulators of the hardware hold.
function accumulators_section(head, rows, configuration) {
    if (!rows.some(row => row.values.max_abs_pseudo > 0))
        return;
    const sums = configuration['tppe.acc_bits'] + ' bits', corrections = configuration['tppe.corr_bits'] + ' bits';
    const columns = [
        ['largest sum', 'max_abs_pseudo'], ['neurons beyond ' + sums, 'pseudo_overflows'],
        ['largest correction', 'max_abs_correction'], ['neurons beyond ' + corrections, 'correction_overflows']
    ];
    const total = rows[rows.length - 1].values, beyond = total.pseudo_overflows + total.correction_overflows;
    add_section('accumulators', 'Accumulators', null, [], () => ({
        conclusion: beyond === 0 ?
            'No sum left the widths of the accumulators.' :
            'Sums of ' + shown_number(beyond, true) + ' neurons left the widths of the accumulators; tppe.overflow = ' +
                configuration['tppe.overflow'] + '.',
        table: {
            caption: 'Magnitudes in weight units',
            head: head,
            columns: columns.map(([label]) => ({label: label, unit: ''})),
            rows: rows.map(
                row => ({name: row.name, total: row.total, values: columns.map(([, key]) => row.values[key])})),
        },
        names: columns.map(([label, key]) => [label, definition_of(key) || '']),
    }));
}

function configuration_section(result) {
    const entries = Object.entries(result.configuration);
    if (entries.length === 0)
        return;
    document.getElementById('report').append(make('section', {id: 'configuration'},
        make('details', {}, make('summary', {}, 'All parameters of the run'),
            make('div', {class: 'scroll', tabindex: 0},
                table_element(parameters_table('Parameters in force', [['value', entries]]))))));
}

/// One row a parameter; columns: [[label, entries], ...].
function parameters_table(caption, columns) {
    const keys = [...new Set(columns.flatMap(column => column[1].map(entry => entry[0])))];
    const values = columns.map(column => new Map(column[1]));
    return {
        caption: caption,
        head: 'parameter',
        columns: [...columns.map(column => ({label: column[0]})), {label: 'unit'}, {label: 'meaning', wide: true}],
        rows: keys.map(key => ({
            name: key,
            values: [
                ...values.map(map => map.has(key) ? String(map.get(key)) : '-'),
                at(data.names.parameters, key, 'unit') || '', at(data.names.parameters, key, 'help') || ''
            ]
        })),
    };
}

/// What is to be known of results before their figures: what was guessed of a network and how it differs, inputs that are
/// made up of what their design does not take; null: nothing.
function cautions(runs) {
    const lines = runs.flatMap(({result}) => [
        ...(result.guesses || []), ...(result.float_network ? result.float_network.warnings : []),
        ...(result.inputs_made_up ? [result.accelerator + ': ' + result.inputs_made_up] : [])
    ]);
    return lines.length === 0 ? null : make('div', {class: 'bad'}, ...lines.map(line => make('p', {}, 'Warning: ' + line + '.')));
}

function show_run(run) {
    const result = run.result;
    const rows = result.layers.map(layer => ({name: layer.name, values: layer}));
    if (rows.length !== 1)
        rows.push({name: 'total', values: result.totals, total: true});
    document.getElementById('report').append(
        make('section', {id: 'summary'}, make('p', {id: 'conclusion'}, run_conclusion(result)), cautions([run]),
            summary_tiles(result)));
    cycles_section('layer', rows, true);
    utilisation_section(result);
    roofline_section('layer', rows.map(row => ({name: row.name, layer: row.values, run: run, total: row.total})));
    traffic_section('layer', rows, true);
    energy_section('layer', rows, true);
    accumulators_section('layer', rows, result.configuration);
    configuration_section(result);
}
