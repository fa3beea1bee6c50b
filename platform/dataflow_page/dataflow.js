// The dataflow space of a network: orders against layers, what a buffer buys, the Pareto front, and a point's loops.

/// Of a point at a buffer: [id, words, unit, value].
const dataflow_figures = [
    ['dram', 'DRAM traffic', 'bytes', (point, buffer) => buffer.dram_bytes.total],
    ['least', 'DRAM traffic, the best of LRU and pinning', 'bytes', (point, buffer) => buffer.least_dram_bytes],
    ['cycles', 'cycles', 'cycles', (point, buffer) => buffer.cycles],
    ['energy', 'energy', 'pJ', (point, buffer) => buffer.energy_pj.total],
    ['sums', 'live partial sums', '', point => point.live_sums],
    ['latency', 'cycles without limit of memory', 'cycles', point => point.latency_cycles],
    ['buffer', 'traffic between buffer and units', 'bytes', point => point.buffer_bytes.total],
];
const dataflow_choice = (id, label, value) =>
    ({id: id, label: label, options: dataflow_figures.map(([word, words]) => [word, words]), value: value});

/// "mntk m16", and of a known machine "loas: mnkt m16,t4"; with tiles "mntk m16, tiles n=32".
function point_name(point) {
    return (point.machine ? point.machine + ': ' : '') + point.order + ' ' + point.spatial + (point.tiles ? ', tiles ' + point.tiles : '');
}

/// A figure of layer `l` or, for -1, of all layers: their sum, of what is live the most. null: there is no such point.
function dataflow_value(figure, l, p, c) {
    const value = dataflow_figures.find(each => each[0] === figure)[3];
    const values =
        (l < 0 ? data.dataflow.layers : [data.dataflow.layers[l]]).map(layer => value(layer.orders[p], layer.orders[p].buffers[c]));
    return figure === 'sums' ? Math.max(...values) : sum(values);
}

function least_of(values) { return values.reduce((best, value, i) => value < values[best] ? i : best, 0); }

function capacity_choice() {
    const sizes = data.dataflow.capacities_kib;
    return {
        id: 'capacity',
        label: 'with a buffer of',
        options: sizes.map((kib, i) => [String(i), grouped.format(kib) + ' KiB']),
        value: String(Math.max(sizes.indexOf(256), 0))
    };
}

function layer_choice() {
    const layers = data.dataflow.layers.map((layer, i) => [String(i), layer.name]);
    return {id: 'layer', label: 'of', options: layers.length > 1 ? [['-1', 'all layers'], ...layers] : layers};
}

/// Colours of a column of numbers: full where it is least, none where it is most, by its logarithm.
function heat_of(rows, column) {
    const values = rows.map(row => row.values[column]).filter(value => is_number(value) && value > 0);
    const least = Math.min(...values), range = Math.log(Math.max(...values) / least);
    return value => is_number(value) && range > 0 ?
        see_through(css_colour('c0'), 0.8 * (1 - Math.log(Math.max(value, least) / least) / range)) :
        null;
}

function heat_section() {
    const explored = data.dataflow, layers = explored.layers;
    add_section('orders', 'Orders and layers', 'Each column is coloured from its least value, which is full, to its largest, by the logarithm; orders and, below them, the machines as points.',
        [dataflow_choice('figure', 'of each order the', 'dram'), capacity_choice()], state => {
            const [, words, unit] = dataflow_figures.find(each => each[0] === state.figure), c = Number(state.capacity);
            const several = layers.length > 1;
            const value = (l, p) => dataflow_value(state.figure, l, p, c);
            const rows = layers[0].orders.map((point, p) => ({
                name: point_name(point),
                values: [...layers.map((_, l) => value(l, p)), ...(several ? [value(-1, p)] : [])],
            }));
            const own = layers[0].orders.map((point, p) => p).filter(p => !layers[0].orders[p].machine);
            const machine = least_of(layers[0].orders.map((point, p) => point.machine ? value(-1, p) : Infinity));
            const best = layers.map((_, l) => own[least_of(own.map(p => value(l, p)))]);
            const single = own[least_of(own.map(p => value(-1, p)))];
            const mixed = sum(best.map((p, l) => value(l, p))), alone = value(-1, single);
            const gain = several && state.figure !== 'sums' && alone > 0 ?
                ' With the best order of each layer it is ' + shown_percent(1 - mixed / alone) + ' less.' :
                '';
            return {
                conclusion: 'Least ' + words + ' of the orders: ' + point_name(layers[0].orders[single]) + ', ' +
                    shown_with_unit(alone, unit) + '.' + gain +
                    (value(-1, machine) < alone ?
                            ' Of the machines less: ' + point_name(layers[0].orders[machine]) + ', ' + shown_with_unit(value(-1, machine), unit) + '.' :
                            ''),
                table: {
                    caption: words,
                    head: 'order',
                    heat: true,
                    by_middle: true,
                    columns: [...layers.map(layer => ({label: layer.name, unit: unit})),
                        ...(several ? [{label: 'all layers', unit: unit, alone: true}] : [])],
                    rows: rows,
                },
            };
        });
}

const most_curves = named_colours;

/// Where a chart has not all that its table has.
function some_of(shown, all, words) {
    return shown.length < all.length ? ' The chart shows ' + shown.length + ' of ' + all.length + ' ' + words + ', the table all.' : '';
}

function curve_section() {
    const sizes = data.dataflow.capacities_kib, orders = data.dataflow.layers[0].orders;
    if (sizes.length < 2)
        return;
    const classes = [...new Set(orders.map(point => point.class))];
    add_section('capacity', 'What a buffer buys',
        'Exact for every size from one pass: the stack distances of all accesses to fibers (LRU); with pinning, for each operand the less of that and of a buffer that keeps what is accessed most often.',
        [
            layer_choice(), {id: 'how', label: 'with', options: [['dram', 'LRU'], ['least', 'the best of LRU and pinning']]},
            {
                id: 'class',
                label: 'orders',
                options: [['all', 'with the least traffic'], ...classes.map(each => [each, each]), ['machines', 'known machines']]
            }
        ],
        state => {
            const l = Number(state.layer), value = (p, c) => dataflow_value(state.how, l, p, c);
            const chosen = orders.map((point, p) => p).filter(p => state.class === 'all' ||
                                         (state.class === 'machines' ? orders[p].machine : orders[p].class === state.class));
            const traffic = new Map(chosen.map(p => [p, sizes.map((_, c) => value(p, c))]));
            const shown = [...chosen].sort((a, b) => sum(traffic.get(a).map(Math.log)) - sum(traffic.get(b).map(Math.log)))
                              .slice(0, most_curves);
            const last = sizes.length - 1, best = chosen[least_of(chosen.map(p => traffic.get(p)[last]))];
            if (!shown.includes(best))
                shown[shown.length - 1] = best;
            const scale = scale_of('bytes', middle_of(shown.flatMap(p => traffic.get(p))));
            const options = chart_options(item => item.dataset.label + ': ' + shown_number(item.raw.y) + ' ' + scale.unit +
                    ' with ' + grouped.format(item.raw.x) + ' KiB');
            options.scales = {x: log_axis('buffer, KiB'), y: log_axis('DRAM traffic, ' + scale.unit)};
            return {
                conclusion: 'With ' + grouped.format(sizes[last]) + ' KiB ' + point_name(orders[best]) + ' moves least, ' +
                    shown_with_unit(traffic.get(best)[last], 'bytes') + '; with ' + grouped.format(sizes[0]) + ' KiB it moves ' +
                    shown_with_unit(traffic.get(best)[0], 'bytes') + '.' + some_of(shown, chosen, 'points'),
                height: 380,
                chart: {
                    type: 'line',
                    options: options,
                    data: {
                        datasets: shown.map((p, i) => ({
                            label: point_name(orders[p]),
                            data: sizes.map((kib, c) => ({x: kib, y: traffic.get(p)[c] * scale.factor})),
                            borderColor: series_colour(i),
                            backgroundColor: series_colour(i),
                            pointStyle: point_styles[i],
                            radius: 4,
                            borderWidth: 2,
                        }))
                    }
                },
                table: {
                    caption: 'DRAM traffic by size of the buffer',
                    head: 'order',
                    by_middle: true,
                    columns: sizes.map(kib => ({label: grouped.format(kib) + ' KiB buffer', unit: 'bytes'})),
                    rows: chosen.map(p => ({name: point_name(orders[p]), values: traffic.get(p)})),
                },
            };
        });
}

function dataflow_front_section() {
    const orders = data.dataflow.layers[0].orders;
    add_section('pareto', 'Nothing better in both', 'A line joins the points that no other one beats in both figures.',
        [
            layer_choice(), dataflow_choice('x', 'across', 'dram'), dataflow_choice('y', 'up', 'cycles'), capacity_choice()
        ],
        state => {
            const l = Number(state.layer), c = Number(state.capacity);
            const column = id => orders.map((_, p) => dataflow_value(id, l, p, c));
            const shown = dataflow_figures.filter(each => ['dram', 'cycles', 'sums', 'energy', state.x, state.y].includes(each[0]));
            const axes = [state.x, state.y].map(id => {
                const [, words, unit] = dataflow_figures.find(each => each[0] === id), values = column(id);
                const scale = scale_of(unit, middle_of(values));
                const wide = Math.min(...values) > 0 && Math.max(...values) > 8 * Math.min(...values);
                const title = with_unit(words, scale.unit);
                return {values: values, factor: scale.factor, axis: wide ? log_axis(title) : number_axis(title, {type: 'linear'})};
            });
            const [x, y] = axes, front = pareto_front(x.values, y.values, 1, 1);
            const place = p => ({x: x.values[p] * x.factor, y: y.values[p] * y.factor});
            const options = chart_options(item => item.dataset.members ? point_name(orders[item.dataset.members[item.dataIndex]]) : '');
            options.scales = {x: x.axis, y: y.axis};
            const classes = [...new Set(orders.map(point => point.class))];
            return {
                conclusion: 'On the front: ' + [...new Set(front.map(p => point_name(orders[p])))].join('; ') + '.',
                height: 420,
                chart: {
                    type: 'scatter',
                    options: options,
                    plugins: [name_points],
                    data: {
                        datasets: [
                            {label: 'front', data: front.map(place), showLine: true, radius: 0, borderColor: css_colour('other')},
                            ...classes.map((name, i) => {
                                const members = orders.map((_, p) => p).filter(p => orders[p].class === name);
                                return {
                                    label: name,
                                    members: members,
                                    data: members.map(place),
                                    point_names: members.map(p => front.includes(p) || orders[p].machine ? point_name(orders[p]) : ''),
                                    backgroundColor: series_colour(i),
                                    borderColor: series_colour(i),
                                    pointStyle: point_styles[i],
                                    radius: 5,
                                };
                            })
                        ]
                    }
                },
                table: {
                    caption: 'figures of each point',
                    head: 'order',
                    by_middle: true,
                    columns: [{label: 'on the front'}, ...shown.map(([, words, unit]) => ({label: words, unit: unit, alone: true}))],
                    rows: orders.map((point, p) => ({
                        name: point_name(point),
                        values: [front.includes(p) ? 'yes' : '', ...shown.map(([id]) => dataflow_value(id, l, p, c))],
                    })),
                },
            };
        });
}

/// The loops of a point in time, outermost first, those over tiles among them; sizes: of the layer, t in words.
function loops_of(layer, point) {
    const units = Object.fromEntries([...point.spatial.replace(/,stream\d+/, '').matchAll(/([mnkt])(\d+)/g)].map(([, letter, count]) => [letter, Number(count)]));
    const tiles = (point.tiles || '').split(',').filter(each => each).map(each => [each[0], Number(each.slice(2))]);
    const word = units.t || 1;
    const in_words = (letter, size) => letter === 't' ? Math.ceil(size / word) : size;
    const sizes = Object.fromEntries([...'mnkt'].map(letter => [letter, in_words(letter, layer[letter])]));
    const size_of = letter => Math.min(sizes[letter], ...tiles.filter(each => each[0] === letter).map(each => in_words(letter, each[1])));
    return {
        sizes: sizes,
        word: word,
        loops: [
            ...tiles.filter(([letter]) => size_of(letter) < sizes[letter])
                .map(([letter]) => ({letter: letter, tile: size_of(letter), count: sizes[letter],
                    steps: Math.ceil(sizes[letter] / size_of(letter))})),
            ...[...point.order].map(letter => {
                const at_a_time = letter === 't' ? 1 : units[letter] || 1;
                return {letter: letter, count: size_of(letter), units: at_a_time, steps: Math.ceil(size_of(letter) / at_a_time)};
            })
        ]
    };
}

/// Items that pass into a piece kept inside the first `depth` loops, dense: [A, B, O]. For O: updates that leave it. A
/// loop of t in one step, all of it in space, stands nowhere.
function kept_inside(nest, depth) {
    return ['mkt', 'kn', 'mnt'].map(indices => {
        const reach = nest.loops.findLastIndex((each, i) => i < depth && indices.includes(each.letter) && (each.letter !== 't' || each.steps > 1));
        const steps = letter => {
            const [over, inner] = [true, false].map(tile => nest.loops.find((each, i) => i < reach && each.letter === letter && !!each.tile === tile));
            if (!inner)
                return over ? over.steps : 1;
            const size = nest.sizes[letter], tile = over ? over.tile : size;
            return Math.floor(size / tile) * Math.ceil(tile / inner.units) + Math.ceil(size % tile / inner.units);
        };
        return [...'mnkt'].reduce((items, letter) => items * (indices.includes(letter) ? nest.sizes[letter] : steps(letter)), 1);
    });
}

/// A line of the pseudo-code.
function loop_head(nest, each) {
    const words = each.letter === 't' && nest.word > 1 ? ' (words of ' + nest.word + ' timesteps)' : '';
    if (each.tile)
        return 'for ' + each.letter.toUpperCase() + ' in 0..' + (each.count - 1) + ' in tiles of ' + each.tile + words + ':';
    const from = nest.loops.some(other => other.tile && other.letter === each.letter) ? each.letter.toUpperCase() + ' + ' : '';
    return 'for ' + each.letter + ' in ' + from + '0..' + (each.count - 1) + words +
        (each.units > 1 ? ', ' + each.units + ' at a time' : '') + ':';
}

function loop_section() {
    const explored = data.dataflow;
    const layers = explored.layers.map((layer, i) => [String(i), layer.name]);
    const points = explored.layers[0].orders.map((point, p) => [String(p), point_name(point)]);
    add_section('loops', 'The loops of a point',
        'Items at a loop: what the closed form of a dense layer moves into a piece that is kept inside this loop. Bytes: exact, of this layer\'s own spikes and weights.',
        [
            {id: 'layer', label: 'layer', options: layers}, {id: 'point', label: 'point', options: points},
            capacity_choice()
        ],
        state => {
            const layer = explored.layers[state.layer], point = layer.orders[state.point];
            const buffer = point.buffers[state.capacity];
            const nest = loops_of(layer, point);
            const bytes = of => [null, null, null, of.a, of.b, of.o, of.u, of.masks];
            const rows = [
                {name: 'memory -> buffer of ' + explored.capacities_kib[state.capacity] + ' KiB', values: bytes(buffer.dram_bytes)},
                {name: 'buffer -> units', values: bytes(point.buffer_bytes)},
                {name: 'before the loops', values: kept_inside(nest, 0)},
                ...nest.loops.map((each, i) => ({name: '\u00a0\u00a0'.repeat(i) + loop_head(nest, each), values: kept_inside(nest, i + 1)})),
                {
                    name: '\u00a0\u00a0'.repeat(nest.loops.length) + 'O[m,n,t] += A[m,k,t] B[k,n]',
                    values: [point.register_accesses.a, point.register_accesses.b, point.register_accesses.o]
                },
            ];
            return {
                conclusion: point_name(point) + ', ' + point.class + ', ' + point.format + ': ' +
                    shown_number(point.live_sums) + ' partial sums are live; ' + shown_number(point.matches) + ' matches in ' +
                    shown_number(buffer.cycles) + ' cycles, bound by ' + buffer.bound + ' with this buffer.',
                table: {
                    caption: 'traffic at each level and loop',
                    head: 'loop nest',
                    columns: [{label: 'A', unit: 'items'}, {label: 'B', unit: 'items'}, {label: 'O', unit: 'items'}, {label: 'A', unit: 'bytes'},
                        {label: 'B', unit: 'bytes'}, {label: 'O', unit: 'bytes'}, {label: 'potentials', unit: 'bytes'},
                        {label: 'masks', unit: 'bytes'}],
                    rows: rows,
                },
            };
        });
}

const border_axes = {
    timesteps: ['T', 'timesteps', 'the first timesteps, or all of them again'],
    spikes: ['spikes of an input in a timestep, %', 'spikes', 'each spike left out or added by itself; T and weights held'],
    weights: ['weights that are not 0, %', 'weights', 'each weight left out or added by itself; the input held'],
};

function border_section() {
    const layers = data.dataflow.layers.filter(layer => layer.border);
    if (layers.length === 0)
        return;
    add_section('border', 'Where t in a word stops winning',
        'LoAS\'s order with all timesteps in a word against the best of all orders with t in time on as many units: below 1 it wins.',
        [
            {id: 'figure', label: 'the ratio of', options: [['cycles', 'cycles'], ['dram_bytes', 'DRAM traffic'], ['energy_pj', 'energy']]},
            {id: 'axis', label: 'with other', options: Object.entries(border_axes).map(([id, [, words]]) => [id, words])}
        ],
        state => {
            const [title, , held] = border_axes[state.axis];
            const scale = state.axis === 'timesteps' ? 1 : 100;
            const steps_of = layer => layer.border.filter(each => each.axis === state.axis);
            const rows = layers.flatMap(layer => steps_of(layer).map(each => ({
                name: layer.name,
                values: [scale * each.value, each[state.figure].ratio, each[state.figure].rival, each.factor === 1 ? 'yes' : ''],
            })));
            const own = layers.map(layer => steps_of(layer).find(each => each.factor === 1)).filter(each => each);
            const winning = own.filter(each => each[state.figure].ratio < 1).length;
            const options = chart_options(item => item.dataset.label + ': ' + shown_number(item.raw.y) + ' at ' + shown_number(item.raw.x));
            options.scales = {x: log_axis(title), y: log_axis('t in a word over t in time')};
            const ends = steps_of(layers[0]).map(each => scale * each.value);
            return {
                conclusion: 'As they are, t in a word wins in ' + winning + ' of ' + own.length + (own.length === 1 ? ' layer' : ' layers') + '. Here: ' + held + '.' +
                    some_of(layers.slice(0, most_curves), layers, 'layers'),
                height: 380,
                chart: {
                    type: 'line',
                    options: options,
                    data: {
                        datasets: [
                            ...layers.slice(0, most_curves).map((layer, i) => ({
                                label: layer.name,
                                data: steps_of(layer).map(each => ({x: scale * each.value, y: each[state.figure].ratio})),
                                borderColor: series_colour(i),
                                backgroundColor: series_colour(i),
                                pointStyle: point_styles[i],
                                radius: steps_of(layer).map(each => each.factor === 1 ? 7 : 3),
                                borderWidth: 2,
                            })),
                            {
                                label: 'no difference',
                                data: [Math.min(...ends), Math.max(...ends)].map(x => ({x: x, y: 1})),
                                borderColor: css_colour('other'),
                                borderDash: [4, 4],
                                radius: 0,
                            }
                        ]
                    }
                },
                table: {
                    caption: 't in a word over the best with t in time',
                    head: 'layer',
                    columns: [{label: title, alone: true}, {label: 'ratio', alone: true}, {label: 'best with t in time'}, {label: 'as it is'}],
                    rows: rows,
                },
            };
        });
}

/// The program's own sentences: of all layers, and of each.
function why_section() {
    const list = sentences => make('ul', {}, ...sentences.map(words => make('li', {}, words)));
    const layers = data.dataflow.layers.filter(layer => layer.why && layer.why.length > 0);
    const together = data.dataflow.why && data.dataflow.why.length > 0 ? list(data.dataflow.why) : null;
    if (together === null && layers.length === 0)
        return;
    document.getElementById('report').append(make('section', {id: 'why'}, make('h2', {}, 'Why'), together,
        ...layers.map(layer => make('details', {open: data.dataflow.layers.length === 1 ? '' : null},
                          make('summary', {}, layer.name), list(layer.why)))));
}

function show_dataflow() {
    heat_section();
    why_section();
    border_section();
    curve_section();
    dataflow_front_section();
    loop_section();
}
