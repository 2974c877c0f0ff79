"""Your tuning of Photo Ranker: change a value, run again.

Read by run_rank.py beside it, and by photo-ranker with --config FILE.
"""

# Measuring: a change here measures the photos again

# longer side of the picture that faces are looked for in (px; 320 to 4096)
DETECT_SIDE = 1024

# a face counts as found from this certainty on (0..1; 0.1 to 0.99)
DETECT_THRESHOLD = 0.6

# smiles are judged by deepface's emotion happy, which is measured beside ours
SMILE_BY_DEEPFACE = False

# larger pictures are refused unread (px; 1000000 to 2000000000)
MAX_PIXELS = 300000000

# larger files are refused unread (bytes; 1000000 to 20000000000)
MAX_FILE_BYTES = 1000000000

# Who

# smaller faces are counted but never matched (shorter side, full picture) (px; 8 to 2000)
MIN_FACE = 12

# a match is sure from this probability on; higher finds fewer and errs less (0..1; 0.01 to 0.99)
SURE_CERTAINTY = 0.5

# matches no further below the threshold are listed as doubtful (similarity; 0.0 to 1.0)
DOUBT_MARGIN = 0.08

# Single or group

# smaller faces beside the person are passers-by (of the person's face height; 0.0 to 2.0)
GROUP_FACE_HEIGHT = 0.4

# smaller faces beside the person count for nothing (px; 8 to 2000)
GROUP_MIN_FACE = 24

# others count from this certainty of the detector on (0..1; 0.1 to 0.99)
SURE_DETECTION = 0.75

# group: a good face has at least this facing (0..1; 0.0 to 1.0)
GOOD_FACING = 0.5

# group: a good face has eyes at least this open, and on us (0..1; 0.0 to 1.0)
GOOD_EYES = 0.5

# Signals: the raw value that scores 0 and the one that scores 1

# sharpness of a face; 2.2 is usual, 0.8 is blurred by 3% of the face (soft ends: these score 0.05 and 0.95) (octaves between fine and coarse detail; -10.0 to 10.0)
SHARPNESS = (0.2, 2.9)

# a face smiles; it counts as smiling from 0.5 on (0..1; 0.0 to 1.0)
SMILE = (0.0, 1.0)

# eyes are open; they count as open from 0.5 on (0..1; 0.0 to 1.0)
EYES_OPEN = (0.0, 1.0)

# a face is turned away from the camera (degrees; 0.0 to 180.0)
FACING = (55.0, 10.0)

# looking up or down by less than this costs no facing (degrees; 0.0 to 90.0)
FREE_PITCH = 15.0

# brightest 5%: darker ones got too little light (of white; 0.0 to 1.0)
LIGHT = (0.3, 0.7)

# median brightness: brighter ones got too much light (of white; 0.0 to 1.0)
GLARE = (0.95, 0.75)

# what is white without any detail (of the area; 0.0 to 1.0)
WHITE = (0.3, 0.02)

# what is black without any detail (of the area; 0.0 to 1.0)
BLACK = (0.6, 0.1)

# grain on a face (grey levels; 0.0 to 100.0)
NOISE = (12.0, 1.0)

# shorter side of a face; equal ratios score equal steps (px; 0.0 to 10000.0)
SIZE_PX = (30.0, 400.0)

# height of a face; equal ratios score equal steps (of the picture's shorter side; 0.0 to 1.0)
SIZE = (0.03, 0.4)

# the eyes look past the camera (degrees; 0.0 to 180.0)
LOOKING = (35.0, 10.0)

# lids are lowered, so the eyes look down (0..1; 0.0 to 1.0)
LOOKING_DOWN = (0.6, 0.4)

# a smile lowers the lids of eyes that look at us (0..1; 0.0 to 1.0)
SMILING_LIDS = (0.3, 0.7)

# nothing hides a part of the face (log odds; -50.0 to 50.0)
VISIBLE = (-1.5, 1.5)

# whether faces turned further are hidden is unknown (degrees; 0.0 to 90.0)
VISIBLE_YAW = 35.0

# certainty of the detector for a clear view (0..1; 0.0 to 1.0)
CLEAR_DETECTION = (0.88, 0.94)

# length of the embedding for a clear view (length; 0.0 to 1000.0)
CLEAR_IDENTITY = (8.0, 13.5)

# what of a face lies beyond the picture's edge (of the outline; 0.0 to 1.0)
NOT_CUT = (0.4, 0.0)

# how pleasant, genuine and composed a face is (0..1; 0.0 to 1.0)
EXPRESSION = (0.0, 1.0)

# meshes further from the detector's points are not trusted; 0.03 is usual (of the box; 0.0 to 10.0)
MESH_DOUBT = 0.15

# below this, smile, eyes and angles are unknown (probability; 0.0 to 1.0)
MESH_PRESENCE = 0.02

# eyes of more blurred faces are unknown (octaves; -10.0 to 10.0)
EYES_SHARPNESS = 1.0

# eyes of faces turned further are unknown (degrees; 0.0 to 90.0)
EYES_YAW = 40.0

# eyes of smaller faces are unknown (px; 0 to 1000)
EYES_SIZE = 28

# eyes likelier behind dark glasses are unknown (log odds; -20.0 to 20.0)
DARK_GLASSES = -0.5

# the same where a picture is sharpest (octaves; -10.0 to 10.0)
PICTURE_SHARPNESS = (0.2, 2.9)

# resolution of a picture (million pixels; 0.0 to 1000.0)
RESOLUTION = (0.0, 8.0)

# way from the faces to a third or the middle (of the width; 0.0 to 1.0)
THIRDS_ACROSS = (0.17, 0.0)

# way from the eyes to the upper third (of the height; 0.0 to 1.0)
THIRDS_DOWN = (0.4, 0.0)

# room above the head (of the height; -1.0 to 1.0)
HEADROOM = (-0.1, 0.02)

# How good: weights, of which only the ratios matter

# single: the person's face is sharp (weight; 0.0 to 100.0)
SINGLE_SHARPNESS = 1.23

# single: the person is large enough (weight; 0.0 to 100.0)
SINGLE_SIZE = 9.08

# single: the person faces the camera (weight; 0.0 to 100.0)
SINGLE_FACING = 1.25

# single: the person's eyes are open (weight; 0.0 to 100.0)
SINGLE_EYES = 0.5

# single: the person smiles (weight; 0.0 to 100.0)
SINGLE_SMILE = 0.4

# single: the person's face is well lit (weight; 0.0 to 100.0)
SINGLE_EXPOSURE = 2.01

# single: the face is seen plainly (weight; 0.0 to 100.0)
SINGLE_CLEAR = 0.66

# single: the person's expression is pleasant (weight; 0.0 to 100.0)
SINGLE_EXPRESSION = 10.0

# group: share of faces that look good (weight; 0.0 to 100.0)
GROUP_GOOD_FACES = 0.3

# group: mean sharpness of all faces (weight; 0.0 to 100.0)
GROUP_SHARPNESS = 0.3

# group: the person's face is sharp (weight; 0.0 to 100.0)
GROUP_PERSON_SHARPNESS = 1.23

# group: the person is large enough (weight; 0.0 to 100.0)
GROUP_PERSON_SIZE = 9.08

# group: the person faces the camera (weight; 0.0 to 100.0)
GROUP_PERSON_FACING = 1.25

# group: the person's eyes are open (weight; 0.0 to 100.0)
GROUP_PERSON_EYES = 0.5

# group: the person smiles; nobody has to (weight; 0.0 to 100.0)
GROUP_PERSON_SMILE = 0.2

# group: the person's face is well lit (weight; 0.0 to 100.0)
GROUP_PERSON_EXPOSURE = 2.01

# group: the face is seen plainly (weight; 0.0 to 100.0)
GROUP_PERSON_CLEAR = 0.66

# group: the person's expression is pleasant (weight; 0.0 to 100.0)
GROUP_PERSON_EXPRESSION = 9.0

# what an expression counts as that cannot be seen, as in profile and from behind (0..1; 0.0 to 1.0)
UNSEEN_EXPRESSION = 0.15

# what a wholly hidden face loses (of the score; 0.0 to 1.0)
PENALTY_HIDDEN = 0.1

# what a face cut off by the frame loses (of the score; 0.0 to 1.0)
PENALTY_CUT = 0.3

# what a photo loses that shows the person twice (of the score; 0.0 to 1.0)
PENALTY_COLLAGE = 0.2

# a sharpness below this is a defect (0..1; 0.0 to 1.0)
HEAVY_BLUR = 0.4

# what a face without any sharpness loses (of the score; 0.0 to 1.0)
PENALTY_BLUR = 0.5

# an exposure below this is a defect (0..1; 0.0 to 1.0)
BAD_LIGHT = 0.5

# what a face in hopeless light loses (of the score; 0.0 to 1.0)
PENALTY_LIGHT = 0.2

# Ratings that other programs read

# ratings: the scores from which a photo gets 2, 3, 4 and 5 stars; the rest get 1 (score; 0.0 to 1.0)
STARS = (0.4, 0.55, 0.7, 0.85)

# As good: the noise of a score

# photos whose scores differ by less are as good as each other: raters agree with under 60% of such orders (of the score; 0.0 to 1.0)
AS_GOOD = 0.019

# Which: one moment or two

# pictures that differ in no more bits are near-duplicates (bits of 64; 0 to 64)
DUPLICATE_BITS = 6

# pictures of a burst differ in no more bits (bits of 64; 0 to 64)
ALIKE_BITS = 18

# photos of one moment are no further apart (seconds; 0.0 to 3600.0)
BURST_SECONDS = 10.0

# faces of one moment overlap at least so much (overlap; 0.0 to 1.0)
SAME_PLACE = 0.4

# among the photos of a moment: what eyes shut or a mouth open, against the person's usual ones, costs (of the score; 0.0 to 1.0)
UNUSUAL = 0.1

# --distinct: what standing beside a chosen photo costs (of the score; 0.0 to 1.0)
SPREAD = 0.15

# --with-context: photos without faces no further from a chosen one go along (seconds; 0.0 to 86400.0)
CONTEXT_SECONDS = 120.0

# the same where a photo has no time: no further in the order of the files of a folder (files; 0 to 1000)
CONTEXT_FILES = 3

# Everyone: who is in an album

# smaller faces join the people that others make, but found and connect none (px; 8 to 2000)
SOLID_FACE = 40

# faces turned further found and connect nobody (degrees; 10.0 to 180.0)
SOLID_TURN = 55.0

# faces less sharp found and connect nobody (octaves; -10.0 to 10.0)
SOLID_SHARPNESS = 0.9

# in photos: faces less plain to the identity model found and connect nobody (length; 0.0 to 50.0)
SOLID_PHOTO_CLARITY = 8.5

# in films: faces less plain to the identity model found and connect nobody (length; 0.0 to 50.0)
SOLID_CLARITY = 9.0

# what is likelier than this to be no face (wallpaper, a hand) is nobody's (log odds; -50.0 to 50.0)
FALSE_FACE = -0.3

# Event: how good a photo is for everyone; of weights only the ratios matter

# sharpness and exposure of the picture and its faces (weight; 0.0 to 100.0)
EVENT_TECHNICAL = 2.0

# how the faces lie in the picture (weight; 0.0 to 100.0)
EVENT_COMPOSITION = 1.0

# eyes, smiles and looks of those who count (weight; 0.0 to 100.0)
EVENT_EXPRESSION = 2.0

# who of the named people is there and looks good (weight; 0.0 to 100.0)
EVENT_CONTEXT = 2.0

# a person of the category main (weight; 0.0 to 100.0)
EVENT_MAIN = 3.0

# a person of the category important (weight; 0.0 to 100.0)
EVENT_IMPORTANT = 2.0

# a person of the category other (weight; 0.0 to 100.0)
EVENT_OTHER = 1.0

# a face that belongs to nobody known (weight; 0.0 to 100.0)
EVENT_STRANGER = 0.25

# a photo scores 0 when anyone who counts blinks
REQUIRE_ALL_EYES_OPEN = False

# a photo scores 0 when anyone who counts looks away
REQUIRE_ALL_FACING = False

# a pause of this length begins a new moment of the event (seconds; 1.0 to 86400.0)
MOMENT_GAP = 1800.0
