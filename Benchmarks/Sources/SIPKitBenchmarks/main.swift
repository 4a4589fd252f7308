import CAllocations
import Glibc

/// Nanoseconds of this thread's own processor time: other work on the machine does not count.
func processorTime() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
}

/// The result of every run goes here, so that none of them can be left out.
@inline(never)
func keep(_ value: Int) { if value == Int.min { print("the sum of all lengths is the smallest number there is") } }

struct Measurement {
    let least: Double
    let median: Double
    let allocations: Double

    init(rounds: Int = 21, _ run: (Int) -> Int) {
        // As many repetitions as take about 20 ms.
        var count = 64
        keep(run(count))
        while true {
            let start = processorTime()
            keep(run(count))
            if processorTime() - start > 20_000_000 || count > 1 << 24 { break }
            count *= 2
        }
        var times: [Double] = []
        for _ in 0..<rounds {
            let start = processorTime()
            keep(run(count))
            times.append(Double(processorTime() - start) / Double(count))
        }
        times.sort()
        self.least = times[0]
        self.median = times[rounds / 2]
        // What a first run needs once is in both and falls out.
        let before = allocation_count()
        keep(run(1_000))
        let middle = allocation_count()
        keep(run(3_000))
        self.allocations = (Double(allocation_count() - middle) - Double(middle - before)) / 2_000
    }
}

func row(_ name: String, _ measured: Measurement, _ note: String = "") {
    func number(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
    print("\(name)\t\(number(measured.least))\t\(number(measured.median))\t\(number(measured.allocations))\t\(note)")
}

/// `SIPKitBenchmarks` measures everything; `SIPKitBenchmarks NAME COUNT` does one thing that often and nothing else, to
/// be run under callgrind; `SIPKitBenchmarks allocations` prints allocations alone.
let arguments = Array(CommandLine.arguments.dropFirst())
let osip = Osip()
if arguments.count == 2, let count = Int(arguments[1]) {
    guard let chosen = Cases.all.first(where: { $0.name == arguments[0] }) else { exit(2) }
    keep(chosen.run(count))
} else if arguments == ["allocations"] {
    for item in Cases.all {
        let measured = Measurement(rounds: 1, item.run)
        print("\(item.name)\t\(measured.allocations)")
    }
} else {
    print("name\tleast ns\tmedian ns\tallocations\tnote")
    var parse: Double?
    for item in Cases.all {
        let measured = Measurement(item.run)
        if item.name == "parse-values" { parse = measured.median }
        row(item.name, measured)
    }
    if let osip {
        let read = osip.read(Sample.invite)
        let measured = Measurement(rounds: 7) { count in
            var sum = 0
            for _ in 0..<count { sum &+= Int(osip.read(Sample.invite)) }
            return sum
        }
        let ratio = parse.map { Int((measured.median / $0 * 10).rounded()) } ?? 0
        row(
            "libosip2-parse", measured,
            read == 0 ? "\(ratio / 10).\(ratio % 10) times parse-values" : "libosip2 refuses the sample")
    } else {
        print("libosip2-parse\tskipped: libosip2 is not installed (Debian: libosip2-dev)")
    }
}
