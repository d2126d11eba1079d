#ifndef CONNREG_TESTS_UNIT_WIRE_TEXT_PROTO_H_
#define CONNREG_TESTS_UNIT_WIRE_TEXT_PROTO_H_

#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"

namespace connreg {

// `message` with the fields of `text`, in protobuf's text format, put over its
// own. Repeated fields are appended to.
template <typename Message>
Message With(Message message, const std::string& text) {
  EXPECT_TRUE(google::protobuf::TextFormat::MergeFromString(text, &message))
      << text;
  return message;
}

// The message that `text` writes in protobuf's text format.
template <typename Message>
Message FromText(const std::string& text) {
  return With(Message(), text);
}

// Equal, field by field, to the message that `text` writes.
MATCHER_P(EqualsProto, text, "") {
  using Message = std::decay_t<decltype(arg)>;
  google::protobuf::util::MessageDifferencer differencer;
  std::string differences;
  differencer.ReportDifferencesToString(&differences);
  const bool equal = differencer.Compare(FromText<Message>(text), arg);
  *result_listener << differences;
  return equal;
}

}  // namespace connreg

#endif  // CONNREG_TESTS_UNIT_WIRE_TEXT_PROTO_H_
