// Appended to a page of loas-vp report by report_page.sh, which names it `page`. Looks at what a reader would see, and
// compares it with the data; says "PAGE: good, N charts, M numbers" or what is wrong, to the page around.

const wrong = [];
let charts_seen = 0, numbers_seen = 0;
addEventListener('error', event => wrong.push('error: ' + event.message));
const check = (good, words) => {
    if (!good && wrong.length < 20)
        wrong.push(words);
};
const near = (a, b, share) => Math.abs(a - b) <= share * Math.max(Math.abs(a), Math.abs(b)) + 1e-12;
const unit_sizes = {
    '%': 0.01,
    KiB: 2 ** 10,
    MiB: 2 ** 20,
    GiB: 2 ** 30,
    nJ: 1e3,
    uJ: 1e6,
    mJ: 1e9,
    us: 1e3,
    ms: 1e6,
    s: 1e9,
    W: 1e3
};
const last_word = text => text.trim().split(/[ ,]+/).pop();

/// Colours of data, not of grid and letters: pixels that are not grey.
function coloured_pixels(canvas) {
    const copy =
        make('canvas', {width: canvas.width, height: canvas.height}).getContext('2d', {willReadFrequently: true});
    copy.drawImage(canvas, 0, 0);
    const pixels = copy.getImageData(0, 0, canvas.width, canvas.height).data;
    let found = 0;
    for (let i = 0; i < pixels.length; i += 4)
        if (pixels[i + 3] > 100 &&
            Math.max(pixels[i], pixels[i + 1], pixels[i + 2]) - Math.min(pixels[i], pixels[i + 1], pixels[i + 2]) > 40)
            ++found;
    return found;
}

/// What stands in a table is what it holds, in the unit that it names.
function look_at_table(table, where) {
    const headings = [...table.tHead.rows[0].cells];
    check(table.caption.textContent !== '' && headings.every(each => each.scope === 'col'),
        where + ': a table without caption or headings');
    for (const row of table.tBodies[0].rows) {
        check(row.cells[0].scope === 'row', where + ': a row without its heading');
        check(row.cells.length === headings.length, where + ': a row of another length');
        for (const cell of [...row.cells].slice(1)) {
            if (cell.dataset.value === undefined)
                continue;
            const value = Number(cell.dataset.value), shown = Number(cell.textContent.replace(/,/g, ''));
            const is_parameter =
                /^[a-z]+\.[a-z_]+/.test(headings[cell.cellIndex].textContent);  // its unit is the data's
            const size = is_parameter ? 1 :
                                        unit_sizes[last_word(headings[cell.cellIndex].textContent)] ||
                    unit_sizes[last_word(table.caption.textContent)] || 1;
            check(near(shown * size, value, 6e-3), where + ': ' + cell.textContent + ' is not ' + value);
            ++numbers_seen;
        }
    }
}

function look_at_section(section, where) {
    const canvas = section.querySelector('canvas');
    if (canvas && !canvas.parentElement.hidden) {
        check(coloured_pixels(canvas) > 30, where + ': nothing is drawn');
        check((canvas.getAttribute('aria-label') || '').length > 10, where + ': a chart without words');
        ++charts_seen;
    }
    section.querySelectorAll('table').forEach(table => look_at_table(table, where));
}

const numbers_in = id => [...document.querySelectorAll('#' + id + ' tbody tr')].map(
    row => [row.cells[0].textContent,
        ...[...row.cells].slice(1).map(
            cell => cell.dataset.value === undefined ? cell.textContent : Number(cell.dataset.value))]);
const headings_in = id => [...document.querySelectorAll('#' + id + ' thead th')].map(cell => cell.textContent);

function choose(id, name, value) {
    const list = document.querySelector('#' + id + ' select[name=' + name + ']');
    list.value = value;
    list.dispatchEvent(new Event('change'));
}

/// The tables of a run are the numbers of the result file.
function compare_run(rows, of) {
    const total = (object, key) => at(object, ...key.split('.'));
    if (document.getElementById('cycles')) {
        choose('cycles', 'way', 'sum');
        numbers_in('cycles').forEach((row, i) => {
            const expected = [of[i].busy_cycles, ...Object.values(of[i].stall_cycles)].filter(value => value > 0);
            check(JSON.stringify(row.slice(1).filter(value => value > 0)) === JSON.stringify(expected),
                'cycles of ' + row[0] + ' are not the file\'s');
        });
        choose('cycles', 'way', 'mean');
        numbers_in('cycles').forEach((row, i) => check(near(sum(row.slice(1)), of[i].cycles, 1e-9),
                                         'causes do not add up to the cycles of ' + row[0]));
        choose('cycles', 'way', 'share');
        numbers_in('cycles').forEach(row => check(near(sum(row.slice(1)), 1, 1e-9), 'shares do not add up: ' + row[0]));
        const chart = Chart.getChart(document.querySelector('#cycles canvas'));
        chart.data.labels.forEach((label, i) => check(near(sum(chart.data.datasets.map(set => set.data[i])), 100, 1e-6),
                                      'the bar of ' + label + ' is not whole'));
        choose('cycles', 'way', 'mean');
    }
    numbers_in('traffic').forEach((row, i) => {
        const expected = [...Object.values(of[i].dram_read_bytes), ...Object.values(of[i].dram_write_bytes)].filter(
            value => value > 0);
        check(JSON.stringify(row.slice(1).filter(value => value > 0)) === JSON.stringify(expected),
            'traffic of ' + row[0] + ' is not the file\'s');
        if (is_number(of[i].dram_bytes))
            check(sum(row.slice(1)) === of[i].dram_bytes, 'kinds do not add up to the DRAM traffic of ' + row[0]);
    });
    if (of.some(values => values.published_traffic)) {
        for (const memory of ['dram', 'sram']) {
            choose('traffic', 'where', 'published_' + memory);
            numbers_in('traffic').forEach((row, i) => {
                const bits = Object.values(at(of[i], 'published_traffic', memory + '_bits') || {});
                check(near(sum(row.slice(1)), sum(bits) / 8, 1e-9), 'accounted ' + memory + ' traffic of ' + row[0]);
            });
        }
        choose('traffic', 'where', 'dram');
    }
    if (document.getElementById('energy')) {
        for (const by of ['group', 'component']) {
            choose('energy', 'by', by);
            numbers_in('energy').forEach(
                (row, i) => check(near(sum(row.slice(1)), total(of[i], 'energy_pj.total'), 1e-9),
                    'energy by ' + by + ' of ' + row[0]));
        }
    }
    if (document.getElementById('roofline'))
        numbers_in('roofline').forEach((row, i) => {
            check(row[1] === of[i].matches && row[2] === of[i].dram_bytes, 'roofline of ' + row[0]);
            check(row[6] > 0 && row[6] <= 1, row[0] + ' is above its roof: ' + row[6]);
            check(row[7] !== 'compute' || page.startsWith('comparison') || near(row[6], of[i].tile_utilisation, 1e-9),
                row[0] + ' is busy and not at its roof');
        });
    check(rows.length === numbers_in('traffic').length, 'rows of traffic');
}

function compare_sweep() {
    const columns = Object.fromEntries(data.sweep.columns.map(column => [column.key, column.values]));
    const cycles = columns['totals.cycles'], area = columns['area_mm2.total'];
    const order = cycles.map((value, i) => i).sort((a, b) => cycles[a] - cycles[b] || a - b);
    const best = numbers_in('best'), front = numbers_in('pareto'), heads = headings_in('best');
    check(best.length === Math.min(10, order.length), 'ten best points');
    best.forEach((row, i) => {
        check(row[0] === String(data.sweep.index[order[i]]), 'the best points in order');
        check(row[heads.indexOf('cycles')] === cycles[order[i]] && row[1] === columns['tppe.count'][order[i]],
            'figures of point ' + row[0]);
        check(row[heads.findIndex(head => head.startsWith('energy x delay'))] === columns['energy x delay'][order[i]],
            'derived figure of point ' + row[0]);
    });
    const unbeaten = cycles.map((value, i) => i)
                         .filter(i => !cycles.some((value, j) => cycles[j] <= cycles[i] && area[j] <= area[i] &&
                                         (cycles[j] < cycles[i] || area[j] < area[i])));
    check(JSON.stringify(front.map(row => row[0]).sort()) ===
            JSON.stringify(unbeaten.map(i => String(data.sweep.index[i])).sort()),
        'the Pareto front');
    // By hand: three axes, one of them zipped with another; a does most.
    const axes = varied_axes([
        {key: 'a', values: [1, 1, 2, 2]}, {key: 'b', values: ['x', 'y', 'x', 'y']}, {key: 'b2', values: [5, 6, 5, 6]},
        {key: 'c', values: [7, 7, 7, 7]}
    ]);
    const found = sensitivity_of(axes, [10, 12, 30, 60]);
    check(axes.length === 2 && axes[1].label === 'b + b2', 'zipped axes are one');
    check(found[0].label === 'a' && near(found[0].mean, 3, 1e-9) && found[0].largest === 4 &&
            near(found[1].mean, 0.6, 1e-9) && found[1].groups === 2,
        'sensitivity by hand');
    check(numbers_in('sensitivity').some(row => row[0] === 'tppe.laggy_adders + tppe.fifo_depth'),
        'the sweep\'s zip is one parameter');
    check(pareto_front([1, 2, 2, 3], [5, 4, 6, 4], 1, 1).join() === '0,1' &&
            pareto_front([1, 2], [5, 4], -1, 1).join() === '1',
        'fronts by hand');
    const seeded = [{key: 'a', values: [1, 1, 2, 1]}, {key: 'seed', values: [1, 2, 1, 3]}];
    const groups = same_but_seed(seeded, 4);
    const mean = folded({role: 'figure', numeric: true, values: [10, 20, 5, 30]}, groups);
    check(JSON.stringify(groups) === '[[0,1,3],[2]]' && mean.values.join() === '20,5' && deviation_of(mean.members[0]) === 10 &&
            deviation_of(mean.members[1]) === null && folded({role: 'axis', values: [1, 1, 2, 1]}, groups).values.join() === '1,2',
        'seeds of a point taken together, by hand');
    check(data.sweep.not_ok.length === 1 && document.getElementById('not_ok').textContent.includes('it <i>waits</i>'),
        'the point that is not ok');
    check(numbers_in('explorer').every(row => is_number(row[2])), 'numbers of the explorer');
}

function compare_comparison() {
    choose('totals', 'figure', '0');
    numbers_in('totals').forEach(
        (row, i) => check(row[1] === data.runs[i].result.totals.cycles, 'cycles of ' + row[0]));
    choose('totals', 'figure', 'relative');
    numbers_in('totals').forEach(row => check(row[1] === 1, row[0] + ' of the first is not 1'));
    numbers_in('layers').forEach(
        (row, i) => check(row[2] === data.runs[1].result.layers[i].cycles, 'cycles of layer ' + row[0]));
    check(numbers_in('parameters').some(row => row[0] === 'tppe.count' && row[1] === '16' && row[2] === '32'),
        'the parameters that differ');
    check(numbers_in('summary')[1][0] ===
            '<' +
                '/script><b>32 & "tiles"',
        'a name as it is');
}

/// The heat map is the data's; nothing on the front is beaten; the closed form at the innermost loop is the program's own.
function compare_dataflow() {
    const layers = data.dataflow.layers, orders = layers[0].orders, c = data.dataflow.capacities_kib.length - 1;
    for (const [id, key] of [['dram', point => point.buffers[c].dram_bytes.total], ['cycles', point => point.buffers[c].cycles]]) {
        choose('orders', 'figure', id);
        choose('orders', 'capacity', String(c));
        numbers_in('orders').forEach((row, p) => layers.forEach(
            (layer, l) => check(row[l + 1] === key(layer.orders[p]), id + ' of ' + row[0] + ' in ' + layer.name)));
    }
    choose('pareto', 'capacity', String(c));
    const total = key => orders.map((_, p) => sum(layers.map(layer => key(layer.orders[p].buffers[c]))));
    const bytes = total(buffer => buffer.dram_bytes.total), cycles = total(buffer => buffer.cycles);
    numbers_in('pareto').forEach((row, p) => check((row[1] === 'yes') ===
                !orders.some((_, q) => bytes[q] <= bytes[p] && cycles[q] <= cycles[p] && (bytes[q] < bytes[p] || cycles[q] < cycles[p])),
            row[0] + ' on the front'));
    orders.forEach((point, p) => {
        choose('loops', 'point', String(p));
        const rows = numbers_in('loops'), of = point.dense_fetched_items;
        check(JSON.stringify(rows[rows.length - 2].slice(1, 4)) === JSON.stringify([of.a, of.b, of.o]),
            'the closed form of ' + point_name(point) + ': ' + rows[rows.length - 2].slice(1, 4));
    });
    // By hand: m 2 over 2 units, n 3, k 4, t 2: a column of B kept inside n is fetched once, A once for each n.
    const nest = loops_of({m: 2, n: 3, k: 4, t: 2}, {order: 'mnkt', spatial: 'm2'});
    check(kept_inside(nest, 2).join() === '16,12,12' && kept_inside(nest, 4).join() === '48,12,48', 'loops by hand');
}

function look_at_everything() {
    const sections = [...document.querySelectorAll('section')];
    for (const theme of ['light', 'dark']) {
        set_theme(theme);
        sections.forEach(section => look_at_section(section, page + ' ' + section.id + ' ' + theme));
    }
    for (const section of sections)
        for (const list of section.querySelectorAll('select')) {
            const before = list.value;
            for (const option of list.options) {
                choose(section.id, list.name, option.value);
                look_at_section(section, page + ' ' + section.id + ' ' + list.name + '=' + option.textContent);
            }
            choose(section.id, list.name, before);
        }
    check(document.documentElement.scrollWidth <= innerWidth,
        'the page is wider than the window: ' + document.documentElement.scrollWidth);
    check(performance.getEntriesByType('resource').length === 0, 'the page asked for something');
    check(document.querySelectorAll('b, i, img').length === 0, 'a name became markup');
    if (data.dataflow)
        compare_dataflow();
    else if (data.sweep)
        compare_sweep();
    else {
        const results = data.runs.map(run => run.result), one = results[0];
        const of = results.length > 1 ? results.map(result => result.totals) : [...one.layers, one.totals];
        compare_run(of, of);
        if (results.length > 1)
            compare_comparison();
        else
            check(document.getElementById('conclusion')
                      .textContent.includes(grouped.format(one.totals.cycles) + ' cycles'),
                'the conclusion');
        if (page.startsWith('timed'))
            check(numbers_in('utilisation')[0][5] === 1 && near(numbers_in('utilisation')[0][3], 104 / 160, 1e-9),
                'the timeline');
    }
    const csv = csv_of([['a', 'b "c", d'], [1.5, null]]);
    check(csv === 'a,"b ""c"", d"\r\n1.5,\r\n', 'CSV');
}

try {
    look_at_everything();
} catch (problem) {
    wrong.push('stopped: ' + problem.message + ' ' + problem.stack);
}
parent.postMessage(wrong.length === 0 ? page + ': good, ' + charts_seen + ' charts, ' + numbers_seen + ' numbers\n' :
                                        wrong.map(words => page + ' FAILED: ' + words + '\n').join(''),
    '*');
