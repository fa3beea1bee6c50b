// What the hardware could do and what it does: the roofline, and how busy the tiles are over time.

/// Peak rates in 10^9 a second: matches of all tiles, bytes of the memory (undefined: without limit).
function roofs_of(run) {
    const period = cycle_ns(run.result), adders = tiles_of(run.result.totals) * run.peak.adders_of_tile;
    const compute = period !== undefined && adders > 0 ? adders / period : undefined;
    const memory = run.peak.memory_bytes_per_ns;
    return {compute: compute, memory: is_number(memory) ? memory : undefined};
}

/// @param items [{name, layer, run, total}]
function roofline_section(head, items) {
    const points = items.map(item => {
        const roofs = roofs_of(item.run), layer = item.layer;
        const bytes = layer.dram_bytes, time = layer.cycles * cycle_ns(item.run.result);
        const intensity = bytes > 0 ? layer.matches / bytes : undefined;
        const rate = time > 0 ? layer.matches / time : undefined;
        const by_memory = roofs.memory !== undefined && intensity !== undefined ? roofs.memory * intensity : Infinity;
        const roof = Math.min(roofs.compute, by_memory);
        return Object.assign({
            roofs: roofs,
            bytes: bytes,
            intensity: intensity,
            rate: rate,
            roof: roof,
            bound: by_memory < roofs.compute ? 'memory' : 'compute'
        },
            item);
    });
    const drawn = points.filter(point => point.intensity > 0 && point.rate > 0 && point.roofs.compute > 0);
    if (drawn.length === 0)
        return;
    const table = {
        caption: 'Operations, traffic and rates',
        head: head,
        columns: [
            {label: 'matches', unit: ''}, {label: 'DRAM traffic', unit: 'bytes'}, {label: 'matches a byte', unit: ''},
            {label: 'achieved', unit: 'G matches/s'}, {label: 'roof there', unit: 'G matches/s'},
            {label: 'of the roof', unit: 'share'}, {label: 'the roof is of'}
        ],
        rows: points.map(point => ({
            name: point.name,
            total: point.total,
            values: [
                point.layer.matches, point.bytes, point.intensity, point.rate,
                Number.isFinite(point.roof) ? point.roof : null, point.rate / point.roof, point.bound
            ]
        })),
    };
    const low = drawn.reduce((lowest, point) => point.rate / point.roof < lowest.rate / lowest.roof ? point : lowest);
    const conclusion = (drawn.length === 1 ? 'It reaches ' : low.name + ' is farthest below its roof: it reaches ') +
        shown_percent(low.rate / low.roof) + ' of what the ' + low.bound + ' roof allows.';
    add_section('roofline', 'Roofline',
        'An operation is a match, the addition of a weight: in LoAS one for all timesteps, in designs that take ' +
            'timesteps in sequence one for each. The compute roof is a match a cycle in every PE; the memory roof ' +
            '(the HBM\'s, if that is the DRAM) is the peak bandwidth of all channels.',
        [], () => roofline_chart(drawn, table, conclusion));
}

function roofline_chart(drawn, table, conclusion) {
    const ridges = drawn.filter(point => point.roofs.memory > 0).map(point => point.roofs.compute / point.roofs.memory);
    const left = Math.min(...drawn.map(point => point.intensity), ...ridges) / 3;
    const right = Math.max(...drawn.map(point => point.intensity), ...ridges) * 3;
    const several = new Set(drawn.map(point => JSON.stringify(point.roofs))).size > 1;
    const roofs = new Map();
    for (const point of drawn) {
        const {compute, memory} = point.roofs, ridge = memory > 0 ? compute / memory : left;
        const of = several ? point.name + ': ' : '';
        const add = (key, label, line, dash) => {
            if (!roofs.has(key))
                roofs.set(key, {
                    type: 'line',
                    label: label,
                    data: line,
                    borderColor: css_colour('ink'),
                    backgroundColor: css_colour('ink'),
                    borderWidth: 1.5,
                    borderDash: dash,
                    pointRadius: 0,
                    pointHitRadius: 0,
                    pointStyle: 'line',
                    order: 2
                });
        };
        add('compute ' + compute, of + 'compute roof, ' + shown_number(compute) + ' G matches/s',
            [{x: ridge, y: compute}, {x: right, y: compute}], []);
        if (memory > 0)
            add('memory ' + memory + compute, of + 'memory roof, ' + shown_number(memory) + ' GB/s',
                [{x: left, y: memory * left}, {x: ridge, y: compute}], [6, 4]);
    }
    const marks = drawn.map((point, i) => ({
        label: point.name,
        data: [{x: point.intensity, y: point.rate}],
        point_names: drawn.length <= 12 ? [point.name] : [],
        backgroundColor: series_colour(i),
        borderColor: series_colour(i),
        pointStyle: point_styles[i % point_styles.length],
        pointRadius: 6,
        pointHoverRadius: 8,
        pointBorderWidth: 2,
        order: 1,
    }));
    const options = chart_options(item => item.dataset.label + ': ' + shown_number(item.raw.x) + ' matches a byte, ' +
            shown_number(item.raw.y) + ' G matches/s');
    options.scales = {
        x: log_axis('Matches a byte of DRAM traffic', {min: left, max: right}),
        y: log_axis('10^9 matches a second', {
            min: Math.min(...drawn.map(point => point.rate)) / 3,
            max: Math.max(...drawn.map(point => point.roofs.compute)) * 2
        }),
    };
    Object.assign(options.plugins.legend.labels, {usePointStyle: true, boxWidth: 20});
    options.plugins.legend.labels.filter = item => drawn.length > 12 ? / roof, /.test(item.text) : true;
    return {
        table: table,
        conclusion: conclusion,
        height: 420,
        chart:
            {type: 'scatter', options: options, data: {datasets: [...marks, ...roofs.values()]}, plugins: [name_points]}
    };
}

/// The timeline of a layer's first run: [{begin, end, share}, ...] in cycles; its mean if the result has no timeline.
function timeline_of(layer) {
    const tiles = tiles_of(layer), recorded = layer.utilisation;
    const busy = at(recorded, 'busy_tile_cycles');
    if (Array.isArray(busy) && recorded.slice_cycles > 0 && tiles > 0)
        return busy.map((value, i) => {
            const begin = i * recorded.slice_cycles, end = Math.min(begin + recorded.slice_cycles, recorded.cycles);
            return {begin: begin, end: end, share: end > begin ? value / ((end - begin) * tiles) : 0};
        });
    const runs = layer.runs > 0 ? layer.runs : 1;
    return is_number(layer.cycles) && is_number(layer.tile_utilisation) ?
        [{begin: 0, end: layer.cycles / runs, share: layer.tile_utilisation}] :
        [];
}

function utilisation_section(result) {
    const layers = result.layers.map(layer => ({name: layer.name, slices: timeline_of(layer)}))
                       .filter(layer => layer.slices.length > 0);
    const period = cycle_ns(result);
    if (layers.length === 0 || period === undefined)
        return;
    const measured = layers.some(layer => layer.slices.length > 1);
    let start = 0;
    for (const layer of layers) {
        layer.start = start;
        start += layer.slices[layer.slices.length - 1].end;
    }
    const table = {
        caption: 'Busy share of the tiles',
        head: 'layer',
        columns: [
            {label: 'begins', unit: 'ns'}, {label: 'takes', unit: 'ns'}, {label: 'busy, mean', unit: 'share'},
            {label: 'lowest slice', unit: 'share'}, {label: 'highest slice', unit: 'share'}
        ],
        rows: layers.map(layer => {
            const shares = layer.slices.map(slice => slice.share), length = layer.slices[layer.slices.length - 1].end;
            const mean = sum(layer.slices.map(slice => slice.share * (slice.end - slice.begin))) / length;
            return {
                name: layer.name,
                values: [layer.start * period, length * period, mean, Math.min(...shares), Math.max(...shares)]
            };
        }),
    };
    const full = () => ({
        caption: 'Every slice',
        head: 'layer',
        columns: [{label: 'from', unit: 'ns'}, {label: 'to', unit: 'ns'}, {label: 'busy', unit: 'share'}],
        rows: layers.flatMap(layer => layer.slices.map(slice => ({
            name: layer.name,
            values: [(layer.start + slice.begin) * period, (layer.start + slice.end) * period, slice.share]
        }))),
    });
    add_section('utilisation', 'Utilisation over time',
        measured ?
            'The first run of each layer, one after another, in accelerator time; each step is a slice of the layer.' :
            'Each layer\'s mean, one after another, in accelerator time: the result has no timeline within layers.',
        [], () => utilisation_chart(layers, period, start, table, full));
}

function utilisation_chart(layers, period, end, table, full) {
    const scale = scale_of('ns', end * period), few = layers.length <= named_colours;
    const options = chart_options(item => item.dataset.label + ': ' + shown_number(item.raw.y) + ' % from ' +
            shown_number(item.raw.x) + ' ' + scale.unit);
    options.interaction = {mode: 'nearest', axis: 'x', intersect: false};
    options.scales = {
        x: number_axis('Accelerator time, ' + scale.unit, {type: 'linear', min: 0, max: end * period * scale.factor}),
        y: number_axis('Busy share of the tiles, %', {beginAtZero: true}),
    };
    options.plugins.legend.display = few;
    const datasets = layers.map((layer, i) => {
        const colour = series_colour(few ? i : i % 2), last = layer.slices[layer.slices.length - 1];
        const at_time = (cycle, share) => ({x: (layer.start + cycle) * period * scale.factor, y: 100 * share});
        return {
            label: layer.name,
            data: [...layer.slices.map(slice => at_time(slice.begin, slice.share)), at_time(last.end, last.share)],
            stepped: true,
            showLine: true,
            fill: 'origin',
            borderColor: colour,
            backgroundColor: see_through(colour, 0.25),
            borderWidth: 1.5,
            pointRadius: 0,
            pointHitRadius: 6,
        };
    });
    return {
        table: table,
        full: full,
        conclusion: '',
        height: 320,
        chart: {type: 'scatter', options: options, data: {datasets: datasets}}
    };
}
