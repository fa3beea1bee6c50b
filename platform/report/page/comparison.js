// Several results beside each other; the first one is what the others are measured by.

/// Totals that are compared: [title, unit, value of a result].
const compared = [
    ['cycles', 'cycles', result => at(result, 'totals', 'cycles')],
    ['simulated time', 'ns', result => result.simulated_ns],
    ['energy', 'pJ', result => at(result, 'totals', 'energy_pj', 'total')],
    ['DRAM traffic', 'bytes', result => at(result, 'totals', 'dram_bytes')],
    ['SRAM traffic', 'bytes', result => at(result, 'totals', 'sram_bytes')],
    ['busy share of the tiles', 'share', result => at(result, 'totals', 'tile_utilisation')],
    ['cache hits', 'share', result => at(result, 'totals', 'cache_hit_share')],
    ['power on chip', 'mW', result => at(result, 'power_mw', 'on_chip')],
    ['area', 'mm2', result => at(result, 'area_mm2', 'total')],
];

/// Figures of layers that are compared: [title, unit, key].
const compared_layers = [
    ['cycles', 'cycles', layer => layer.cycles],
    ['energy', 'pJ', layer => at(layer, 'energy_pj', 'total')],
    ['DRAM traffic', 'bytes', layer => layer.dram_bytes],
    ['SRAM traffic', 'bytes', layer => layer.sram_bytes],
    ['busy share of the tiles', 'share', layer => layer.tile_utilisation],
    ['published cycles', 'cycles', layer => layer.published_cycles],
];

function totals_table(runs, figures) {
    return {
        caption: 'Totals',
        head: 'result',
        columns: [
            ...figures.map(figure => ({label: figure[0], unit: figure[1], alone: true})),
            {label: 'accuracy', unit: 'share'}, {label: 'golden model'}
        ],
        rows: runs.map(run => {
            const images = at(run.result, 'accuracy', 'images'), correct = at(run.result, 'accuracy', 'correct');
            return {
                name: run.label,
                values: [
                    ...figures.map(figure => figure[2](run.result)),
                    is_number(correct) && images > 0 ? correct / images : null, run.result.golden
                ]
            };
        }),
    };
}

/// For each other result what changed, and the best of all.
function comparison_conclusion(runs) {
    const first = runs[0], cycles = run => at(run.result, 'totals', 'cycles'),
          energy = run => at(run.result, 'totals', 'energy_pj', 'total');
    const least = value => runs.filter(run => is_number(value(run)))
                               .reduce((best, run) => best === null || value(run) < value(best) ? run : best, null);
    if (runs.length === 2)
        return runs[1].label + ' takes ' + shown_number(cycles(runs[1])) + ' cycles, against ' +
            shown_number(cycles(first)) + ' of ' + first.label + ': ' + shown_change(cycles(first), cycles(runs[1])) +
            '. Energy: ' + shown_change(energy(first), energy(runs[1])) + '.';
    const fastest = least(cycles), thriftiest = least(energy);
    return (fastest === null ? '' :
                               'Fewest cycles: ' + fastest.label + ', ' + shown_number(cycles(fastest)) +
                       (fastest === first ?
                               '' :
                               ' (' + shown_change(cycles(first), cycles(fastest)) + ' than ' + first.label + ')') +
                       '. ') +
        (thriftiest === null ? '' :
                               'Least energy: ' + thriftiest.label + ', ' + shown_with_unit(energy(thriftiest), 'pJ') +
                    (thriftiest === first ? '' : ' (' + shown_change(energy(first), energy(thriftiest)) + ')') + '.');
}

function totals_section(runs) {
    const figures = compared.filter(figure => runs.some(run => is_number(figure[2](run.result))));
    const relative = figures.filter(figure => figure[2](runs[0].result) > 0);
    const options = figures.map((figure, i) => [String(i), figure[0]]);
    if (runs.length <= named_colours)
        options.unshift(['relative', 'all, relative to ' + runs[0].label]);
    add_section('totals', 'Totals', null, [{id: 'figure', label: 'figure', options: options}], state => {
        if (state.figure !== 'relative') {
            const figure = figures[Number(state.figure)];
            const bars = {
                caption: figure[0],
                head: 'result',
                axis: figure[0],
                columns: [{label: figure[0], unit: figure[1]}],
                rows: runs.map(run => ({name: run.label, values: [figure[2](run.result)]}))
            };
            return Object.assign(grouped_chart(bars, figure[1]), {table: bars});
        }
        const ratios = {
            caption: 'Relative to ' + runs[0].label,
            head: 'figure',
            axis: 'Relative to ' + runs[0].label,
            columns: runs.map(run => ({label: run.label, unit: ''})),
            rows: relative.map(figure => ({
                name: figure[0],
                values: runs.map(
                    run => is_number(figure[2](run.result)) ? figure[2](run.result) / figure[2](runs[0].result) : null)
            })),
        };
        return Object.assign(grouped_chart(ratios, ''), {table: ratios});
    });
    document.getElementById('summary').append(
        make('div', {class: 'scroll', tabindex: 0}, table_element(totals_table(runs, figures))),
        download_button(file_name(document.title, 'summary') + '.csv', () => table_rows(totals_table(runs, figures))));
}

function layers_section(runs) {
    const names = [...new Set(runs.flatMap(run => run.result.layers.map(layer => layer.name)))];
    const figures = compared_layers.filter(
        figure => runs.some(run => run.result.layers.some(layer => is_number(figure[2](layer)))));
    const shared =
        names.some(name => runs.filter(run => run.result.layers.some(layer => layer.name === name)).length > 1);
    if (!shared || figures.length === 0)
        return;  // nothing to compare
    add_section('layers', 'By layer', null,
        [{id: 'figure', label: 'figure', options: figures.map((figure, i) => [String(i), figure[0]])}], state => {
            const [title, unit, value] = figures[Number(state.figure)];
            const table = {
                caption: 'By layer: ' + title,
                head: 'layer',
                axis: title[0].toUpperCase() + title.slice(1),
                columns: runs.map(run => ({label: run.label, unit: unit})),
                rows: names.map(name => ({
                    name: name,
                    values: runs.map(run => {
                        const layer = run.result.layers.find(each => each.name === name);
                        return layer === undefined ? null : value(layer);
                    })
                })),
            };
            return Object.assign(runs.length <= named_colours ? grouped_chart(table, unit) : {}, {table: table});
        });
}

function differences_section(runs) {
    const all = parameters_table(
        'Parameters that differ', runs.map(run => [run.label, Object.entries(run.result.configuration)]));
    const rows = all.rows.filter(row => new Set(row.values.slice(0, runs.length)).size > 1);
    add_section('parameters', 'Parameters that differ',
        rows.length === 0 ? 'None: the runs have the same parameters.' : null, [],
        () => ({table: Object.assign({}, all, {rows: rows})}));
}

function show_comparison(runs) {
    const rows = runs.map(run => ({name: run.label, values: run.result.totals}));
    const wrong = runs.filter(run => run.result.golden === 'different').map(run => run.label);
    document.getElementById('report').append(
        make('section', {id: 'summary'}, make('p', {id: 'conclusion'}, comparison_conclusion(runs)), cautions(runs),
            wrong.length === 0 ?
                null :
                make('p', {class: 'bad'}, 'The output differs from the golden model: ' + wrong.join(', '))));
    totals_section(runs);
    layers_section(runs);
    cycles_section('result', rows, false);
    roofline_section('result', runs.map(run => ({name: run.label, layer: run.result.totals, run: run})));
    traffic_section('result', rows, false);
    energy_section('result', rows, false);
    differences_section(runs);
}
