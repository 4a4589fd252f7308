// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that nobody who uses the library builds it: `scripts/bench` and `scripts/bench-check`.
let package = Package(
    name: "sipkit-benchmarks",
    dependencies: [.package(name: "sipkit", path: "..")],
    targets: [
        .target(name: "CAllocations"),
        .executableTarget(
            name: "SIPKitBenchmarks",
            dependencies: ["CAllocations", .product(name: "SIPKitCore", package: "sipkit")],
            swiftSettings: [.swiftLanguageMode(.v6), .enableExperimentalFeature("Lifetimes")]),
    ]
)
