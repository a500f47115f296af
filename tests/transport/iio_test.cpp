// SPDX-License-Identifier: Apache-2.0
// Converters of Linux's Industrial I/O, as a folder of files laid out as Linux shows them.
#include "transport/drivers/iio_adjust.hpp"
#include "transport/drivers/manual_adjust.hpp"
#include "transport/io/iio_adc.hpp"
#include "transport/io/iio_dac.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <iterator>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace overbias::transport::iio_test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

class Iio : public ::testing::Test {
  protected:
    Iio() {
        std::string folder = (fs::temp_directory_path() / "overbias-iio-XXXXXX").string();
        EXPECT_NE(mkdtemp(folder.data()), nullptr);
        root = folder;
    }
    ~Iio() override {
        std::error_code error;
        fs::remove_all(root, error);
    }
    Iio(const Iio&) = delete;
    Iio& operator=(const Iio&) = delete;

    void put(const std::string& device, const std::string& attribute, const std::string& text) const {
        fs::create_directories(root / device);
        std::ofstream(root / device / attribute) << text << "\n";
    }
    [[nodiscard]] std::string get(const std::string& device, const std::string& attribute) const {
        std::ifstream in(root / device / attribute);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    /// A 16 bit converter with 0.125 mV a step.
    void plug_adc(const std::string& device = "iio:device0") const {
        put(device, "name", "ads1115");
        put(device, "in_voltage0_raw", "16000");
        put(device, "in_voltage0_scale", "0.125000000");
        put(device, "in_voltage1_raw", "-100");
        put(device, "in_voltage_scale", "0.5");
        put(device, "in_voltage_offset", "-20");
    }
    void plug_dac(const std::string& device = "iio:device1") const {
        put(device, "name", "mcp4728");
        put(device, "out_voltage0_raw", "2048");
        put(device, "out_voltage1_raw", "777");
    }

    fs::path root;
};

template <typename T>
std::string said(const Result<T>& result) {
    return result ? "nothing" : result.error().message;
}

TEST_F(Iio, ReadsVoltsByScaleAndOffset) {
    put("iio:device3", "name", "other");
    plug_adc();
    IioAdc own("ads1115", 0, root), shared("ads1115", 1, root);
    EXPECT_FALSE(own.present()); // nothing is read before it is asked for
    ASSERT_TRUE(own.read().ok());
    EXPECT_DOUBLE_EQ(own.read().value(), (16000.0 - 20.0) * 0.000125);
    EXPECT_TRUE(own.present());
    ASSERT_TRUE(shared.read().ok());
    EXPECT_DOUBLE_EQ(shared.read().value(), -120.0 * 0.0005);
    fs::remove(root / "iio:device0" / "in_voltage_offset");
    EXPECT_DOUBLE_EQ(shared.read().value(), -0.05);
    put("iio:device0", "in_voltage0_raw", "8000"); // each read is a new conversion
    EXPECT_DOUBLE_EQ(own.read().value(), 1.0);
}

TEST_F(Iio, UnpluggedIsAStateAndItIsFoundAgainUnderAnotherNumber) {
    IioAdc adc("ads1115", 0, root);
    EXPECT_THAT(said(adc.read()), AllOf(HasSubstr("\"ads1115\" is not there"), HasSubstr(root.string())));
    plug_adc();
    put("iio:device2", "name", "bme280");
    ASSERT_TRUE(adc.read().ok());
    fs::remove_all(root / "iio:device0");
    EXPECT_THAT(said(adc.read()), AllOf(HasSubstr("is not there"), HasSubstr("\"bme280\"")));
    EXPECT_FALSE(adc.present());
    plug_adc("iio:device7");
    ASSERT_TRUE(adc.read().ok());
    // its number is taken by another: not read in its place
    put("iio:device7", "name", "ltc2485");
    EXPECT_THAT(said(adc.read()), HasSubstr("\"ltc2485\""));
    fs::remove_all(root);
    EXPECT_THAT(said(adc.read()), HasSubstr("got none"));
}

TEST_F(Iio, WhatIsNoReadingIsSaid) {
    plug_adc();
    IioAdc adc("ads1115", 0, root), absent("ads1115", 5, root);
    EXPECT_THAT(said(absent.read()), AllOf(HasSubstr("in_voltage5_raw"), HasSubstr("no such attribute")));
    for (const char* text : {"", "busy", "12x", "nan", "1e999"}) {
        put("iio:device0", "in_voltage0_raw", text);
        EXPECT_THAT(said(adc.read()), HasSubstr("expected a number")) << text;
    }
    put("iio:device0", "in_voltage0_raw", "1");
    fs::remove(root / "iio:device0" / "in_voltage0_scale");
    fs::remove(root / "iio:device0" / "in_voltage_scale");
    EXPECT_THAT(said(adc.read()), HasSubstr("no scale"));
}

TEST_F(Iio, TwoOfAKindAreToldApartByLabel) {
    plug_adc();
    plug_adc("iio:device4");
    IioAdc adc("ads1115", 0, root);
    EXPECT_THAT(said(adc.read()), AllOf(HasSubstr("both called"), HasSubstr("iio:device0"), HasSubstr("label")));
    put("iio:device4", "label", "bias-right");
    put("iio:device4", "in_voltage0_raw", "8020");
    IioAdc right("bias-right", 0, root);
    ASSERT_TRUE(right.read().ok());
    EXPECT_DOUBLE_EQ(right.read().value(), 1.0);
}

TEST_F(Iio, ADacStaysWithinItsLimitsAndCreatesNothing) {
    plug_dac();
    IioDac dac("mcp4728", 0, 100, 4000, root);
    EXPECT_EQ(get("iio:device1", "out_voltage0_raw"), "2048\n");
    EXPECT_TRUE(dac.write(100).ok());
    EXPECT_EQ(get("iio:device1", "out_voltage0_raw"), "100\n");
    EXPECT_EQ(dac.read().value(), 100);
    EXPECT_THAT(said(dac.write(99)), HasSubstr("expected 100 to 4000, got 99"));
    EXPECT_THAT(said(dac.write(4001)), HasSubstr("nothing was set"));
    EXPECT_EQ(get("iio:device1", "out_voltage0_raw"), "100\n");
    IioDac absent("mcp4728", 9, 0, 4095, root);
    EXPECT_FALSE(absent.write(5).ok());
    EXPECT_FALSE(fs::exists(root / "iio:device1" / "out_voltage9_raw"));
    EXPECT_THROW(IioDac("mcp4728", 0, 10, 10, root), std::invalid_argument);
    EXPECT_THROW(IioDac("mcp4728", 0, -1, 10, root), std::invalid_argument);
}

class IioAdjusters : public Iio {
  protected:
    IioAdjusters() { plug_dac(); }
    /// Bias of track 1 the right way round, record level of track 2 turned round.
    [[nodiscard]] std::vector<IioAdjuster> two() const {
        return {{Adjuster::Bias, 0, "mcp4728", 0, 1000, 3000}, {Adjuster::RecordLevel, 1, "mcp4728", 1, 4000, 0}};
    }
    [[nodiscard]] IioAdjust adjust() const { return {two(), std::make_unique<ManualAdjust>(), root}; }
};

TEST_F(IioAdjusters, NothingIsWrittenByMakingOrReading) {
    const IioAdjust one = adjust();
    EXPECT_DOUBLE_EQ(one.adjuster(Adjuster::Bias, 0).value(), 1048.0 / 2000.0);
    EXPECT_DOUBLE_EQ(one.adjuster(Adjuster::RecordLevel, 1).value(), (4000.0 - 777.0) / 4000.0);
    EXPECT_EQ(get("iio:device1", "out_voltage0_raw"), "2048\n");
    EXPECT_EQ(get("iio:device1", "out_voltage1_raw"), "777\n");
    const auto offers = one.capabilities().adjusters;
    ASSERT_EQ(offers.size(), 2U);
    EXPECT_DOUBLE_EQ(offers[0].step, 1.0 / 2000.0);
    EXPECT_EQ(offers[1].track, 1U);
    EXPECT_FALSE(one.capabilities().monitor_select);
}

TEST_F(IioAdjusters, PositionsGoToTheConverterAndNeverOutside) {
    IioAdjust one = adjust();
    const auto set = [&](double position) { return said(one.set_adjuster(Adjuster::Bias, 0, position)); };
    EXPECT_EQ(set(0.0), "nothing");
    EXPECT_EQ(get("iio:device1", "out_voltage0_raw"), "1000\n");
    EXPECT_EQ(set(1.0), "nothing");
    EXPECT_EQ(get("iio:device1", "out_voltage0_raw"), "3000\n");
    EXPECT_EQ(set(0.2503), "nothing"); // the nearest step
    EXPECT_EQ(get("iio:device1", "out_voltage0_raw"), "1501\n");
    for (const double position :
         {-0.001, 1.001, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
        EXPECT_THAT(set(position),
                    AllOf(HasSubstr("bias of track 1: expected a position"), HasSubstr("nothing was set")));
    }
    EXPECT_EQ(get("iio:device1", "out_voltage0_raw"), "1501\n");
    EXPECT_TRUE(one.set_adjuster(Adjuster::RecordLevel, 1, 1.0).ok()); // turned round
    EXPECT_EQ(get("iio:device1", "out_voltage1_raw"), "0\n");
    EXPECT_TRUE(one.set_adjuster(Adjuster::RecordLevel, 1, 0.25).ok());
    EXPECT_EQ(get("iio:device1", "out_voltage1_raw"), "3000\n");
    EXPECT_THAT(said(one.set_adjuster(Adjuster::Bias, 1, 0.5)), HasSubstr("turn its screw by hand"));
    EXPECT_THAT(said(one.adjuster(Adjuster::RecordLow, 0)), HasSubstr("turn its screw by hand"));
}

TEST_F(IioAdjusters, ALostConverterIsRefusedAndLeftAloneWhenItComesBack) {
    IioAdjust one = adjust();
    ASSERT_TRUE(one.set_adjuster(Adjuster::Bias, 0, 0.5).ok());
    fs::remove_all(root / "iio:device1");
    EXPECT_THAT(said(one.set_adjuster(Adjuster::Bias, 0, 0.6)),
                AllOf(HasSubstr("bias of track 1 can't be set"), HasSubstr("\"mcp4728\" is not there")));
    EXPECT_THAT(said(one.adjuster(Adjuster::Bias, 0)), HasSubstr("not known"));
    plug_dac("iio:device5");
    put("iio:device5", "out_voltage0_raw", "0"); // what it powers up with: below the limits
    EXPECT_THAT(said(one.adjuster(Adjuster::Bias, 0)), AllOf(HasSubstr("outside its limits"), HasSubstr("got 0")));
    EXPECT_EQ(get("iio:device5", "out_voltage0_raw"), "0\n");
    EXPECT_TRUE(one.set_adjuster(Adjuster::Bias, 0, 0.5).ok());
    EXPECT_EQ(get("iio:device5", "out_voltage0_raw"), "2000\n");
}

TEST_F(IioAdjusters, TwoOfOneAreRefused) {
    auto twice = two();
    twice.push_back({Adjuster::Bias, 0, "other", 0, 0, 10});
    EXPECT_THROW(IioAdjust(twice, std::make_unique<ManualAdjust>(), root), std::invalid_argument);
    auto shared = two();
    shared.push_back({Adjuster::Bias, 1, "mcp4728", 0, 0, 10});
    EXPECT_THROW(IioAdjust(shared, std::make_unique<ManualAdjust>(), root), std::invalid_argument);
    EXPECT_THROW(IioAdjust(two(), nullptr, root), std::invalid_argument);
}

} // namespace
} // namespace overbias::transport::iio_test
